package import DibsData

/// PostgreSQL: each connection lives on a thread of its own and takes the next transaction that
/// waits.
///
/// - A lone statement runs without a transaction; BEGIN travels with the first statement; a reader
///   is answered before its COMMIT.
/// - A deadlock, a serialization failure, a plan made stale by a migration, and a connection lost
///   before the COMMIT went out repeat the whole closure.
/// - While the server is away, read-only or frozen a transaction waits for it, at most `patience`.
/// - Behind a pooler such as PgBouncer in transaction mode statements have no names, and nothing
///   is set for longer than a transaction.
package struct PostgresEngine: SQLEngine {
    private let threads: Threads<PostgresLine>

    /// Connects once, so that a wrong host, user, password, database, version or encoding is known
    /// now.
    ///
    /// - `address` is a `postgres://` URL or a libpq connection string.
    /// - `patience` counts from when a transaction is asked for.
    /// - `tries` is how often a transaction is tried before its deadlock is told to the caller.
    /// - `statements` nil is what fits: unnamed when a pooler stands between.
    /// - Throws `open` with what is wrong; also for `fsync = off`, which keeps no promise.
    package static func open(
        _ address: String, connections: Int = 8, patience: Duration = .milliseconds(1200),
        tries: Int = 8, statements: StatementStyle? = nil
    ) async throws -> PostgresEngine {
        let server = PostgresServer(
            try PostgresAddress(address), patience: patience, tries: tries, style: statements)
        let threads = Threads<PostgresLine>(maximum: connections) {
            PostgresLine(server)
        } end: {
            $0.disconnect()
        }
        do {
            try await threads.value { line in try line.check() }
        } catch {
            await threads.close()
            throw error
        }
        return PostgresEngine(threads: threads)
    }

    package func read<T: Sendable>(
        statements: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        let asked = ContinuousClock.now
        return try await withCheckedThrowingContinuation { continuation in
            do {
                try threads.run { line in
                    line.read(asked: asked, statements: statements, body) {
                        continuation.resume(with: $0)
                    }
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        let asked = ContinuousClock.now
        return try await threads.value { line in try line.write(asked: asked, body) }
    }

    package func scratch<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        let asked = ContinuousClock.now
        return try await threads.value { line in try line.scratch(asked: asked, body) }
    }

    package func close() async { await threads.close() }
}
