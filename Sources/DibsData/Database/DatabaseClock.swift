internal import DibsJSON
package import Foundation

/// The source of a transaction's `now`.
package struct DatabaseClock: Sendable {
    /// Set where the time is told by something else than the database.
    let told: (@Sendable () -> Date)?

    /// The database's own clock: the same for every server that uses it.
    package static let database = DatabaseClock(told: nil)

    /// A clock that is told, for tests.
    package static func told(_ now: @escaping @Sendable () -> Date) -> DatabaseClock {
        DatabaseClock(told: now)
    }
}

extension Session {
    /// The moment of this transaction in whole milliseconds.
    ///
    /// The clock is read at the first call and not when the transaction began: make that call after
    /// the locks, which may have been waited for.
    package func now() throws -> Date {
        if let now = connection.moment { return now }
        let now = try readClock()
        connection.moment = now
        return now
    }

    private func readClock() throws -> Date {
        if let told = connection.clock.told { return Date(milliseconds: told().milliseconds) }
        let found = try rows(Self.moment, as: Date.self)
        guard let now = found.first else { throw DataError(.missing, "the clock said nothing") }
        return now
    }

    private static var moment: SQL {
        .either(
            sqlite: """
                SELECT CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000
                """,
            postgres: "SELECT date_trunc('milliseconds', clock_timestamp())")
    }
}
