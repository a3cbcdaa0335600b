internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Keeps which runners claim, so that a waiting task can be told nobody fit has asked.
enum RunnersSeen {
    /// So many an account are kept, the latest.
    static let limit = 50
    /// One that has not claimed for so many seconds is forgotten.
    static let retention: TimeInterval = 30 * 24 * 3600

    /// Notes a runner once in 30 seconds, or when what it offers has changed.
    static func note(
        _ request: ClaimRequest, of account: Account.ID, in tx: Transaction
    ) throws {
        let now = try tx.now()
        let noted = try tx.execute(
            """
            INSERT INTO runners (account_id, name, capabilities, last_seen_at)
            VALUES (\(account), \(request.runner), \(request.capabilities), \(now))
            ON CONFLICT (account_id, name) DO UPDATE
            SET capabilities = excluded.capabilities, last_seen_at = excluded.last_seen_at
            WHERE runners.last_seen_at < \(now.addingTimeInterval(-30))
            OR runners.capabilities <> excluded.capabilities
            """)
        guard noted > 0 else { return }
        try tx.execute(
            """
            DELETE FROM runners WHERE account_id = \(account) AND name IN (
                SELECT name FROM runners WHERE account_id = \(account)
                ORDER BY last_seen_at DESC, name LIMIT 100 OFFSET \(limit))
            """)
    }

    /// Forgets those that have not claimed for long, at most 1,000 a call.
    static func forget(before now: Date, in tx: Transaction) throws {
        let end = now.addingTimeInterval(-retention)
        try tx.execute(
            """
            DELETE FROM runners WHERE (account_id, name) IN (
                SELECT account_id, name FROM runners WHERE last_seen_at < \(end) LIMIT 1000)
            """)
    }
}
