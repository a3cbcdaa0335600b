internal import Synchronization

/// Wakes the claims that wait, whenever something happened that may have opened a gate.
///
/// A wake is only a hint to look again: who waits also looks once a second, for another server's
/// changes wake nobody here.
final class Wakes: Sendable {
    private struct Waiting {
        var next = 0
        var continuations: [Int: CheckedContinuation<Void, Never>] = [:]
        var generation = 0
    }
    private let waiting = Mutex(Waiting())

    /// The number of wakes so far; take it before looking, so that no wake is missed.
    var generation: Int { waiting.withLock { $0.generation } }

    /// Wakes everybody.
    func wakeAll() {
        let all = waiting.withLock { state in
            state.generation += 1
            defer { state.continuations = [:] }
            return state.continuations.sorted { $0.key < $1.key }.map(\.value)
        }
        for continuation in all { continuation.resume() }
    }

    /// Returns at the first wake after `generation`, or after `timeout`.
    func wait(after generation: Int, atMost timeout: Duration) async {
        let ticket = waiting.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = Task { [self] in
            try? await Task.sleep(for: timeout)
            end(ticket)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = waiting.withLock { state in
                    if state.generation != generation || Task.isCancelled { return true }
                    state.continuations[ticket] = continuation
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            end(ticket)
        }
        timer.cancel()
    }

    private func end(_ ticket: Int) {
        waiting.withLock { $0.continuations.removeValue(forKey: ticket) }?.resume()
    }
}
