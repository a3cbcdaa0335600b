internal import DibsData
internal import Foundation

/// One place in the pool: a connection that is made when it is needed and made again when it is
/// lost.
struct PostgresLine {
    private let address: String
    private let patience: Duration
    private let tries: Int
    private var connection: PostgresConnection?

    init(_ address: String, patience: Duration, tries: Int) {
        (self.address, self.patience, self.tries) = (address, patience, tries)
    }

    /// Connects, and looks at what every connection of this server would find.
    mutating func check() throws {
        let connection = try PostgresConnection(address)
        guard connection.serverVersion >= 140_000 else {
            throw DataError(
                .open,
                "PostgreSQL 14 or newer is needed; this one is \(connection.serverVersion / 10_000)"
            )
        }
        var fsync = ""
        _ = try connection.run("SELECT current_setting('fsync')", []) { row in
            fsync = try String(from: &row)
        }
        guard fsync == "on" else {
            throw DataError(.open, "PostgreSQL runs with fsync = off, which loses what was kept")
        }
        self.connection = connection
    }

    /// Lets go of the connection.
    mutating func disconnect() { connection = nil }

    /// A connection that was alive a moment ago; throws `unavailable` when there is none in time.
    private mutating func connected() throws -> PostgresConnection {
        if let connection, !connection.isLost { return connection }
        connection = nil
        let end = ContinuousClock.now + patience
        var pause = Duration.milliseconds(50)
        while true {
            do {
                let fresh = try PostgresConnection(address)
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
        statements: Int, _ body: (any SQLConnection) throws -> T,
        answer: (Result<T, any Error>) -> Void
    ) {
        let result = Result {
            try repeating { connection in
                if statements > 1 {
                    connection.begin(["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"])
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

    mutating func write<T>(_ body: (any SQLConnection) throws -> T) throws -> T {
        try repeating { connection in
            connection.begin(["BEGIN", "SET LOCAL synchronous_commit = on"])
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

    mutating func scratch<T>(_ body: (any SQLConnection) throws -> T) throws -> T {
        try repeating { connection in
            let name = "scratch_" + UUID().uuidString.replacing("-", with: "").lowercased()
            connection.begin(["BEGIN"])
            defer { connection.rollBack() }
            try connection.script("CREATE SCHEMA \(name); SET LOCAL search_path = \(name)")
            return try body(connection)
        }
    }

    /// Runs a transaction until it succeeds or another try would not help.
    private mutating func repeating<T>(_ body: (PostgresConnection) throws -> T) throws -> T {
        var losses = 0
        for attempt in 1... {
            let connection = try connected()
            do { return try body(connection) } catch let error as DataError {
                if error.code == .unknownOutcome { throw error }
                if connection.isLost {
                    losses += 1
                    guard losses < 3 else { throw error }
                } else if error.isStalePlan, attempt < tries {
                    try connection.forgetStatements()
                } else if error.isWorthAnotherTry, attempt < tries {
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
