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
        var closers: [CheckedContinuation<Void, Never>] = []
        var count: Int { jobs.count - head }
    }

    private let waiting = Mutex(Waiting())
    private let signal = DispatchSemaphore(value: 0)
    private let maximum: Int
    private let limit: Int
    private let make: @Sendable () -> sending Resource
    private let end: @Sendable (inout Resource) -> Void

    /// At most `maximum` threads and `limit` jobs that wait; `end` lets go of a thread's resource.
    package init(
        maximum: Int, limit: Int = 10_000, make: @escaping @Sendable () -> sending Resource,
        end: @escaping @Sendable (inout Resource) -> Void = { _ in }
    ) {
        (self.maximum, self.limit, self.make, self.end) = (maximum, limit, make, end)
    }

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
        while let job = next() { job(&resource) }
        end(&resource)
        let closers = waiting.withLock { state in
            state.started -= 1
            guard state.started == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

    /// Waits for a job; nil is the end.
    private func next() -> Job? {
        waiting.withLock { $0.idle += 1 }
        signal.wait()
        return waiting.withLock { state in
            state.idle -= 1
            guard state.count > 0 else { return nil }
            defer {
                state.head += 1
                // The taken front is dropped now and then, so that a queue that is never quite
                // empty does not grow.
                if state.head == state.jobs.count || state.head >= 1024 {
                    state.jobs.removeFirst(state.head)
                    state.head = 0
                }
            }
            return state.jobs[state.head]
        }
    }

    /// Returns when every job is done, and every thread has let go of its resource.
    package func close() async {
        await withCheckedContinuation { done in
            let threads = waiting.withLock { state in
                if state.started > 0 { state.closers.append(done) }
                return state.started
            }
            if threads == 0 { done.resume() }
            for _ in 0..<threads { signal.signal() }
        }
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
