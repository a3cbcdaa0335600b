internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Tasks that an account gave back a moment ago and does not get again at once, by whatever runner:
/// names of runners cost nothing.
enum PassedOver {
    /// An account does not get the task it released for so many seconds.
    static let seconds: TimeInterval = 60
    /// So many of them are looked at, the latest first.
    static let limit = 1000

    /// Until when an account does not get one task; nil when it may have it now.
    static func last(
        _ task: AgentTask.ID, by account: Account.ID, at now: Date, in session: some Session
    ) throws -> Date? {
        let ends = try session.rows(
            """
            SELECT completed_at FROM workers
            WHERE task_id = \(task) AND account_id = \(account)
            AND failure_class = 'released' AND completed_at > \(now.addingTimeInterval(-seconds))
            ORDER BY completed_at DESC LIMIT 1
            """, as: Date.self)
        return ends.first?.addingTimeInterval(seconds)
    }

    /// Those that a claim passes over: of one task, or of all.
    static func tasks(
        of account: Account.ID, naming task: AgentTask.ID?, at now: Date,
        in session: some Session
    ) throws -> [AgentTask.ID] {
        if let task {
            return try last(task, by: account, at: now, in: session) == nil ? [] : [task]
        }
        return try session.rows(
            """
            SELECT DISTINCT task_id FROM (
                SELECT task_id FROM workers
                WHERE account_id = \(account) AND failure_class = 'released'
                AND completed_at > \(now.addingTimeInterval(-seconds))
                ORDER BY completed_at DESC LIMIT \(limit)) released
            """, as: AgentTask.ID.self)
    }
}
