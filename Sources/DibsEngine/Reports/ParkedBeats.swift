internal import DibsCore
internal import Synchronization

/// The heartbeats that wait for something to be said to their worker.
///
/// One that is parked is a continuation and nothing else: it holds no connection of the database
/// and no thread. What this server says to its worker wakes it; what others say, and what time and
/// money bring, is found by one look for all of them (`Engine.watchBeats`).
package final class ParkedBeats: Sendable {
    /// The place of a beat among those that wait.
    struct Ticket: Hashable {
        fileprivate let number: Int
    }

    private typealias Parked = CheckedContinuation<Void, Never>

    private struct Waiting {
        let worker: Worker.ID
        /// State of things when it last looked; nil before.
        var news: BeatNews?
        /// Whether something was said since.
        var isCalled = false
        var parked: Parked?
    }

    private struct State {
        var last = 0
        var waiting: [Int: Waiting] = [:]
        var byWorker: [Worker.ID: Set<Int>] = [:]
        var isWatched = false

        var parkedWorkers: [Worker.ID] {
            Array(Set(waiting.values.filter { $0.parked != nil }.map(\.worker)))
        }

        mutating func call(_ number: Int) -> Parked? {
            waiting[number]?.isCalled = true
            return waiting[number]?.parked.take()
        }
    }

    private let state = Mutex(State())

    /// Number of beats that are parked.
    package var parked: Int { state.withLock { $0.waiting.values.count { $0.parked != nil } } }

    /// The workers of those that are parked.
    var workers: [Worker.ID] { state.withLock { $0.parkedWorkers } }

    /// Takes a place; do it before the first look, so that nothing that is said is missed.
    func join(_ worker: Worker.ID) -> Ticket {
        state.withLock { state in
            state.last += 1
            state.waiting[state.last] = Waiting(worker: worker)
            state.byWorker[worker, default: []].insert(state.last)
            return Ticket(number: state.last)
        }
    }

    /// Says that a look begins: what is said from now on calls for another.
    func look(_ ticket: Ticket) {
        state.withLock { $0.waiting[ticket.number]?.isCalled = false }
    }

    /// Keeps what a look found, to be compared with what is found for all.
    func found(_ news: BeatNews?, by ticket: Ticket) {
        state.withLock { $0.waiting[ticket.number]?.news = news }
    }

    /// Returns when something was said, or after a time.
    func wait(_ ticket: Ticket, atMost timeout: Duration) async {
        let timer = Task { [self] in
            do { try await Task.sleep(for: timeout) } catch { return }
            unpark(ticket)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let isCalled = state.waiting[ticket.number]?.isCalled ?? true
                    guard !isCalled, !Task.isCancelled else { return true }
                    state.waiting[ticket.number]?.parked = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            unpark(ticket)
        }
        timer.cancel()
    }

    /// Gives the place up.
    func leave(_ ticket: Ticket) {
        state.withLock { state in
            guard let worker = state.waiting.removeValue(forKey: ticket.number)?.worker else {
                return
            }
            state.byWorker[worker]?.remove(ticket.number)
            if state.byWorker[worker]?.isEmpty == true { state.byWorker[worker] = nil }
        }
    }

    /// Wakes those of a worker to which something was said.
    func call(_ worker: Worker.ID) {
        let called = state.withLock { state in
            (state.byWorker[worker] ?? []).compactMap { state.call($0) }
        }
        for beat in called { beat.resume() }
    }

    /// Whether the caller is to watch for all that wait: nobody does so already.
    func beginWatching() -> Bool {
        state.withLock { state in
            defer { state.isWatched = true }
            return !state.isWatched
        }
    }

    /// Those of the workers that are parked now; nil ends the watch, for no beat is left.
    ///
    /// One that looks, or is about to park, keeps the watch: nobody would begin another for it.
    func watched() -> [Worker.ID]? {
        state.withLock { state in
            state.isWatched = !state.waiting.isEmpty
            return state.isWatched ? state.parkedWorkers : nil
        }
    }

    /// Wakes each for which something else is found than it found itself.
    func compare(_ found: [Worker.ID: BeatNews], for workers: [Worker.ID]) {
        let called = state.withLock { state in
            workers.flatMap { worker in
                (state.byWorker[worker] ?? []).filter {
                    state.waiting[$0]?.parked != nil && state.waiting[$0]?.news != found[worker]
                }
            }
            .compactMap { state.call($0) }
        }
        for beat in called { beat.resume() }
    }

    /// Wakes it, also when it is only about to park.
    private func unpark(_ ticket: Ticket) {
        state.withLock { $0.call(ticket.number) }?.resume()
    }
}
