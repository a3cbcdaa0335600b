internal import Dispatch
internal import Foundation
internal import Synchronization

/// Threads that each own a resource and take the next job that waits; one starts when none is idle.
///
/// A database connection belongs to one thread: a hop to it costs 0.3 µs where an async pool's
/// bookkeeping costs 10 to 90, and blocking calls never block Swift's own threads.
package final class Threads<Resource>: Sendable {
    /// Work on the resource of whichever thread takes it.
    package typealias Job = @Sendable (inout Resource) -> Void

    private struct Waiting {
        var jobs: [Job] = []
        var head = 0
        var idle = 0
        var started = 0
        var count: Int { jobs.count - head }
    }

    private let waiting = Mutex(Waiting())
    private let signal = DispatchSemaphore(value: 0)
    private let maximum: Int
    private let limit: Int
    private let make: @Sendable () -> sending Resource

    /// At most `maximum` threads and `limit` jobs that wait.
    package init(
        maximum: Int, limit: Int = 10_000, make: @escaping @Sendable () -> sending Resource
    ) { (self.maximum, self.limit, self.make) = (maximum, limit, make) }

    /// Queues a job; throws `busy` when too many wait.
    package func run(_ job: @escaping Job) throws {
        let starts = try waiting.withLock { state in
            guard state.count < limit else {
                throw DataError(.busy, "\(limit) statements wait already")
            }
            state.jobs.append(job)
            guard state.idle < state.count, state.started < maximum else { return false }
            state.started += 1
            return true
        }
        if starts { Thread { self.work() }.start() }
        signal.signal()
    }

    private func work() {
        var resource = make()
        while true {
            waiting.withLock { $0.idle += 1 }
            signal.wait()
            let job: Job? = waiting.withLock { state in
                state.idle -= 1
                guard state.count > 0 else { return nil }
                defer {
                    state.head += 1
                    // The taken front is dropped now and then, so that a queue that is never
                    // quite empty does not grow.
                    if state.head == state.jobs.count || state.head >= 1024 {
                        state.jobs.removeFirst(state.head)
                        state.head = 0
                    }
                }
                return state.jobs[state.head]
            }
            guard let job else { return }
            job(&resource)
        }
    }

    /// Ends the threads when their jobs are done.
    package func close() {
        for _ in 0..<waiting.withLock({ $0.started }) { signal.signal() }
    }
}

extension Threads {
    /// Runs a job and waits for what it answers.
    package func value<T: Sendable>(
        _ body: @escaping @Sendable (inout Resource) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try run { resource in
                    continuation.resume(with: Result { try body(&resource) })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
