internal import DibsCore

/// The longest time that one request may take in the service.
enum Deadline {
    /// Runs an operation, and throws `late` when it has not ended by the limit.
    ///
    /// An operation that is late, or whose caller is cancelled, is cancelled, but not waited for.
    static func run<Value: Sendable>(
        within limit: Duration, orThrow late: DibsError,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let race = Race<Value>()
        let work = Task {
            do { race.finish(.success(try await operation())) } catch {
                race.finish(.failure(error))
            }
        }
        let timer = Task {
            try await Task.sleep(for: limit)
            race.finish(.failure(late))
            work.cancel()
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await race.value
        } onCancel: {
            work.cancel()
            race.finish(.failure(CancellationError()))
        }
    }

    /// The error of a request that changes nothing.
    static let ofRead = DibsError(
        .unavailable, "The request was given up before it was done.",
        hint: "The database is slow or does not answer; ask again.")

    /// The error of a request that may have changed something.
    static let ofWrite = DibsError(
        .unknownOutcome, "The request was given up, and may yet be done.",
        hint: "Read it again, or repeat the request with the same Idempotency-Key.")
}
