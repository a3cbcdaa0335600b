internal import DibsCore
internal import Synchronization

/// Counts keys that opened nothing, by the address they came from and by their prefix.
///
/// Every key is looked up, however many before it were wrong: a right key always works, whoever
/// else shares its address. What is slowed is the answer to a wrong one. The first ten a minute are
/// answered at once; each later one is held for a while; and when too many are being held, the
/// answer is 429. Memory is bounded: once the table is full, all addresses that are not in it share
/// one count.
final class FailedKeys: Sendable {
    /// The way in which a wrong key is answered.
    struct Verdict: Sendable, Hashable {
        /// Whether the answer is held back first.
        var isHeld = false
        /// Whether this failure is logged; nil after the last one that is.
        var logs: Logs = .it

        /// The part of a series of failures that is in the log.
        enum Logs: Sendable, Hashable { case it, itAsTheLast, nothing }
    }

    private struct Count {
        var failures = 0
        var since: ContinuousClock.Instant
    }

    private struct State {
        var counts: [String: Count] = [:]
        var held: [String: Int] = [:]
    }

    private let settings: FailureSettings
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        _ settings: FailureSettings = FailureSettings(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        (self.settings, self.now) = (settings, now)
    }

    /// Counts a failure; `prefix` is nil for what is no key of Dibs.
    func failed(from address: String, prefix: String?) -> Verdict {
        let now = now()
        let names = ["address " + address] + (prefix.map { ["prefix " + $0] } ?? [])
        let failures = state.withLock { state in
            names.map { count($0, in: &state, at: now) }.max() ?? 0
        }
        if failures <= settings.free { return Verdict() }
        return Verdict(
            isHeld: true, logs: failures == settings.free + 1 ? .itAsTheLast : .nothing)
    }

    private func count(
        _ name: String, in state: inout State, at now: ContinuousClock.Instant
    ) -> Int {
        if state.counts[name] == nil, state.counts.count >= settings.remembered {
            state.counts = state.counts.filter { now - $0.value.since < settings.window }
        }
        let isFull = state.counts[name] == nil && state.counts.count >= settings.remembered
        let name = isFull ? "all others" : name
        var count = state.counts[name] ?? Count(since: now)
        if now - count.since >= settings.window { count = Count(since: now) }
        count.failures += 1
        state.counts[name] = count
        return count.failures
    }

    /// Waits before a wrong key is answered; throws `too_many_failures` when too many wait.
    func hold(_ address: String) async throws {
        let mayWait = state.withLock { state in
            let own = state.held[address, default: 0]
            let all = state.held.values.reduce(0, +)
            guard own < settings.heldByAddress, all < settings.heldInAll else { return false }
            state.held[address] = own + 1
            return true
        }
        guard mayWait else {
            throw DibsError(
                .tooManyFailures, "Too many keys that open nothing come from this address.",
                hint: "Check DIBS_KEY; try again in a minute.")
        }
        defer {
            state.withLock { state in
                let left = state.held[address, default: 0] - 1
                state.held[address] = left > 0 ? left : nil
            }
        }
        try await Task.sleep(for: settings.delay)
    }

    /// Number of addresses and prefixes that are counted apart; never more than `remembered` and
    /// one.
    var counted: Int { state.withLock { $0.counts.count } }
}

/// Settings of how wrong keys are slowed.
package struct FailureSettings: Sendable, Hashable {
    /// Failures of one address, or of one prefix, that are answered at once in a window.
    package var free = 10
    /// The time after which counting starts anew.
    package var window = Duration.seconds(60)
    /// Time for which a later failure's answer is held.
    package var delay = Duration.seconds(2)
    /// Number of answers to one address held at once.
    package var heldByAddress = 16
    /// Number of answers held at once.
    package var heldInAll = 256
    /// Number of addresses and prefixes that are counted apart.
    package var remembered = 8192

    /// The settings of a server in service.
    package init() {}
}
