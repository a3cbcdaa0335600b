internal import DibsData
internal import Foundation

/// One place in the pool: a connection that is made when it is needed and made again when it is
/// lost.
struct PostgresLine {
    private let server: PostgresServer
    private var connection: PostgresConnection?

    init(_ server: PostgresServer) { self.server = server }

    /// Connects, and looks at what every connection of this server would find.
    mutating func check() throws {
        let connection = try server.connect()
        guard connection.serverVersion >= 140_000 else {
            throw DataError(
                .open,
                "PostgreSQL 14 or newer is needed; this one is \(connection.serverVersion / 10_000)"
            )
        }
        let encoding = connection.encoding ?? "unknown"
        guard encoding == "UTF8" else {
            throw DataError(
                .open,
                "The database's encoding is \(encoding), and UTF8 is needed: CREATE DATABASE "
                    + "dibs ENCODING 'UTF8' TEMPLATE template0")
        }
        var (fsync, backend) = ("", 0)
        _ = try connection.run("SELECT current_setting('fsync'), pg_backend_pid()", []) { row in
            fsync = try String(from: &row)
            backend = try Int(from: &row)
        }
        guard fsync == "on" else {
            throw DataError(.open, "PostgreSQL runs with fsync = off, which loses what was kept")
        }
        server.note(isDirect: backend == connection.backend)
    }

    /// Lets go of the connection.
    mutating func disconnect() { connection = nil }

    /// A connection that was alive a moment ago; throws `unavailable` when there is none in time.
    private mutating func connected(by end: ContinuousClock.Instant) throws -> PostgresConnection {
        if let connection, !connection.isLost { return connection }
        connection = nil
        var pause = Duration.milliseconds(50)
        while true {
            do {
                if ContinuousClock.now >= end, let absence = server.absence { throw absence }
                let fresh = try server.connect()
                connection = fresh
                return fresh
            } catch let error as DataError {
                guard ContinuousClock.now + pause < end else {
                    throw DataError(.unavailable, error.message, sqlState: error.sqlState)
                }
                Thread.sleep(forTimeInterval: pause / .seconds(1))
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    mutating func read<T>(
        asked: ContinuousClock.Instant, statements: Int,
        _ body: (any SQLConnection) throws -> T, answer: (Result<T, any Error>) -> Void
    ) {
        let result = Result {
            try repeating(from: asked) { connection in
                if statements > 1 {
                    connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                }
                do { return try body(connection) } catch {
                    if statements > 1 { connection.rollBack() }
                    throw error
                }
            }
        }
        answer(result)
        guard statements > 1, case .success = result, let connection else { return }
        connection.rollBack()  // it read, and needs no COMMIT
    }

    mutating func write<T>(
        asked: ContinuousClock.Instant, _ body: (any SQLConnection) throws -> T
    ) throws -> T {
        try repeating(from: asked) { connection in
            connection.begin("BEGIN", ["synchronous_commit": "on"])
            do {
                let value = try body(connection)
                guard connection.hasBegun else {
                    connection.rollBack()
                    return value
                }
                try Self.commit(connection)
                return value
            } catch {
                connection.rollBack()
                throw error
            }
        }
    }

    private static func commit(_ connection: PostgresConnection) throws {
        do { try connection.commit() } catch let error as DataError {
            guard connection.isLost else { throw error }
            throw DataError(.unknownOutcome, "the connection was lost during the commit")
        }
    }

    mutating func scratch<T>(
        asked: ContinuousClock.Instant, _ body: (any SQLConnection) throws -> T
    ) throws -> T {
        try repeating(from: asked) { connection in
            let name = "scratch_" + UUID().uuidString.replacing("-", with: "").lowercased()
            connection.begin("BEGIN")
            defer { connection.rollBack() }
            try connection.script("CREATE SCHEMA \(name); SET LOCAL search_path = \(name)")
            return try body(connection)
        }
    }

    /// Runs a transaction until it succeeds or another try would not help.
    private mutating func repeating<T>(
        from asked: ContinuousClock.Instant, _ body: (PostgresConnection) throws -> T
    ) throws -> T {
        let end = asked + server.patience
        var losses = 0
        for attempt in 1... {
            let connection = try connected(by: end)
            do { return try body(connection) } catch let error as DataError {
                if error.code == .unknownOutcome { throw error }
                if connection.isLost || error.code == .unavailable {
                    // A server that has become read-only or shuts down is as good as gone.
                    disconnect()
                    losses += 1
                    guard losses == 1 || ContinuousClock.now < end else { throw error }
                    if losses > 1 { Thread.sleep(forTimeInterval: 0.05) }
                } else if error.isMissingStatement, attempt < server.tries {
                    server.note(isDirect: false)
                    disconnect()
                } else if error.isStalePlan, attempt < server.tries {
                    try connection.forgetStatements()
                } else if error.isWorthAnotherTry, attempt < server.tries {
                    // Two that met once should not meet again at the same moment.
                    Thread.sleep(forTimeInterval: Double.random(in: 0...0.01) * Double(attempt))
                } else {
                    throw error
                }
            }
        }
        preconditionFailure("the loop has no end")
    }
}
