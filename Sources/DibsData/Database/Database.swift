internal import Synchronization

/// A database that opens itself when it is first asked: once, and again after a failure.
package final class Database: Sendable {
    private typealias Opening = _Concurrency.Task<any SQLEngine, any Error>

    private enum State {
        case closed
        case opening(Opening)
        case open(any SQLEngine)
    }

    private let state = Mutex(State.closed)
    private let open: @Sendable () async throws -> any SQLEngine
    private let clock: DatabaseClock
    /// The count and record of the statements that ran.
    package let statements = StatementCounter()

    /// Opens nothing; `open` runs when something is first asked.
    package init(
        clock: DatabaseClock = .database, open: @escaping @Sendable () async throws -> any SQLEngine
    ) { (self.clock, self.open) = (clock, open) }

    /// However many ask at the same moment, one opens and all wait for it; after a failure all are
    /// told, and whoever asks next tries again.
    private func engine() async throws -> any SQLEngine {
        let opening: Opening
        switch state.withLock({ state -> State in
            if case .closed = state { state = .opening(Opening { [open] in try await open() }) }
            return state
        }) {
        case .open(let engine): return engine
        case .opening(let task): opening = task
        case .closed: preconditionFailure("it was set to opening just now")
        }
        let result = await opening.result
        state.withLock { state in
            guard case .opening(opening) = state else { return }
            switch result {
            case .success(let engine): state = .open(engine)
            case .failure: state = .closed
            }
        }
        return try result.get()
    }

    /// Reads in one snapshot.
    package func read<T: Sendable>(
        _ body: @escaping @Sendable (Snapshot) throws -> T
    ) async throws -> T {
        try await read(statements: .max, body)
    }

    /// Reads with one statement, which is its own snapshot.
    func readOnce<T: Sendable>(
        _ body: @escaping @Sendable (Snapshot) throws -> T
    ) async throws -> T {
        try await read(statements: 1, body)
    }

    private func read<T: Sendable>(
        statements limit: Int, _ body: @escaping @Sendable (Snapshot) throws -> T
    ) async throws -> T {
        let (statements, clock) = (statements, clock)
        return try await engine().read(statements: limit) {
            try body(Snapshot(Connection($0, statements, clock)))
        }
    }

    /// Writes in one transaction; durable when it returns.
    ///
    /// The closure may run more than once, so it has no effects but on the database.
    package func write<T: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        try await writeTelling(body).value
    }

    /// The same, and what the transaction had to tell (`Transaction.tell`).
    package func writeTelling<T: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> (value: T, news: [any Sendable]) {
        let (statements, clock) = (statements, clock)
        return try await engine().write {
            let tx = Transaction(Connection($0, statements, clock))
            let value = try body(tx)
            return (value, tx.news)
        }
    }

    /// Throws what a transaction that writes would now meet: a server that is away or read-only,
    /// and whatever the change meets that is made as a proof.
    package func proveWritable(
        by change: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) async throws {
        try await write { tx in
            let isReadOnly: SQL = .either(
                sqlite: "SELECT 'off'", postgres: "SELECT current_setting('transaction_read_only')")
            guard try tx.rows(isReadOnly, as: String.self) == ["off"] else {
                throw DataError(.unavailable, "The PostgreSQL server is read-only")
            }
            try change(tx)
        }
    }

    /// Works on an empty database of the same kind that is gone afterwards.
    package func scratch<T: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let (statements, clock) = (statements, clock)
        return try await engine().scratch {
            try body(Transaction(Connection($0, statements, clock)))
        }
    }

    /// Ends when the work that waits is done; the next question opens it again.
    package func close() async {
        let last = state.withLock { state in
            defer { state = .closed }
            return state
        }
        switch last {
        case .open(let engine): await engine.close()
        case .opening(let task): try? await task.value.close()
        case .closed: break
        }
    }
}
