internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// What a task may still cost, in doublings of a cent, so that a lane tells it.
enum CostClass {
    /// 0 without a limit; else the least k ≥ 1 with `left` ≤ $0.01 × 2^(k−1).
    ///
    /// An account with that much money can afford all lower classes, some of this one, and none
    /// above.
    static func of(_ left: USD?) -> Int {
        guard let left else { return 0 }
        var (rung, most) = (1, Int64(10_000_000))
        while left.nanos > most, rung < 40 { (rung, most) = (rung + 1, most * 2) }
        return rung
    }
}

/// What a runner gave back a moment ago and is not given again at once.
enum PassedOver {
    /// A runner does not get the task it released for so many seconds.
    static let seconds: TimeInterval = 60

    /// Until when a runner does not get one task; nil when it may have it now.
    static func last(
        _ task: AgentTask.ID, by runner: String, _ account: Account.ID, at now: Date,
        in session: some Session
    ) throws -> Date? {
        let ends = try session.rows(
            """
            SELECT completed_at FROM workers
            WHERE task_id = \(task) AND account_id = \(account) AND runner = \(runner)
            AND failure_class = 'released' AND completed_at > \(now.addingTimeInterval(-seconds))
            ORDER BY completed_at DESC LIMIT 1
            """, as: Date.self)
        return ends.first?.addingTimeInterval(seconds)
    }

    /// The tasks, at most 64.
    static func tasks(
        of runner: String, _ account: Account.ID, at now: Date, in session: some Session
    ) throws -> [AgentTask.ID] {
        try session.rows(
            """
            SELECT task_id FROM workers
            WHERE account_id = \(account) AND failure_class = 'released'
            AND completed_at > \(now.addingTimeInterval(-seconds)) AND runner = \(runner)
            ORDER BY completed_at DESC LIMIT 64
            """, as: AgentTask.ID.self)
    }
}
