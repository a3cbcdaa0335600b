package import DibsData
internal import Foundation

/// PostgreSQL: each connection lives on a thread of its own and takes the next transaction that
/// waits.
///
/// - A lone statement runs without a transaction; BEGIN travels with the first statement; a reader
///   is answered before its COMMIT.
/// - A deadlock, a serialization failure, a plan made stale by a migration, and a connection lost
///   before the COMMIT went out repeat the whole closure.
/// - While the server is away a transaction waits for it, at most `patience`.
package struct PostgresEngine: SQLEngine {
    private let threads: Threads<PostgresLine>

    /// Connects once, so that a wrong host, user, password, database or version is known now.
    ///
    /// - `address` is a `postgres://` URL or a libpq connection string.
    /// - `tries` is how often a transaction is tried before its deadlock is told to the caller.
    /// - Throws `open` with what is wrong; also for `fsync = off`, which keeps no promise.
    package static func open(
        _ address: String, connections: Int = 8, patience: Duration = .seconds(5), tries: Int = 8
    ) async throws -> PostgresEngine {
        let threads = Threads<PostgresLine>(maximum: connections) {
            PostgresLine(address, patience: patience, tries: tries)
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
        try await withCheckedThrowingContinuation { continuation in
            do {
                try threads.run { line in
                    line.read(statements: statements, body) { continuation.resume(with: $0) }
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await threads.value { line in try line.write(body) } }

    package func scratch<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await threads.value { line in try line.scratch(body) } }

    package func close() async { await threads.close() }
}
