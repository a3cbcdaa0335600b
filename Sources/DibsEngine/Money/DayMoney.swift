internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// An account's day: what it spent, what live leases have set aside, and what is left.
enum DayMoney {
    /// What may still be set aside today; nil is no limit.
    ///
    /// Call it with the account locked.
    static func room(of account: Account, at now: Date, in session: some Session) throws -> USD? {
        guard let limit = account.maxCostPerDay else { return nil }
        let day = LocalDay(of: now, in: account.timeZone).name
        let spent = try session.rows(
            """
            SELECT spent FROM account_days
            WHERE account_id = \(account.id) AND day = \(day)
            """, as: USD.self)
        let held = try session.rows(
            "SELECT sum(hold) FROM leases WHERE account_id = \(account.id)", as: USD?.self)
        return try limit - ((spent.first ?? .zero) + (held.first.flatMap(\.self) ?? .zero))
    }

    /// What a worker on a task sets aside, so that together they never pass the day's limit.
    ///
    /// It is the task's own cap, else what tasks of its workspace cost lately, else the day's limit
    /// divided by the workers it allows, as far as there is room. Nil when the day has no room.
    static func hold(
        for task: AgentTask, in workspace: Workspace, of account: Account, room: USD?
    ) -> USD? {
        guard let room, let limit = account.maxCostPerDay else { return .zero }
        guard room > .zero else { return nil }
        if let cap = task.maxCost { return cap <= room ? cap : nil }
        if let usual = workspace.expectedCost { return usual <= room ? usual : nil }
        let share = limit.nanos / Int64(max(account.maxConcurrentWorkers ?? 1, 1))
        return min(USD(nanos: share), room)
    }

    /// Adds a cost to the ledger and the day; the account is locked by its first statement.
    static func record(_ cost: Cost, of worker: Worker, at now: Date, in tx: Transaction) throws {
        let account = try tx.all(
            Account.self,
            """
            UPDATE accounts SET total_cost = total_cost + \(cost.amount)
            WHERE id = \(worker.accountID) RETURNING \(columns: Account.self)
            """)
        let day = LocalDay(of: now, in: account.first?.timeZone ?? "UTC").name
        try tx.execute(
            """
            INSERT INTO account_days (account_id, day, spent)
            VALUES (\(worker.accountID), \(day), \(cost.amount))
            ON CONFLICT (account_id, day)
            DO UPDATE SET spent = account_days.spent + excluded.spent
            """)
        let last = try tx.rows(
            "SELECT max(sequence) FROM cost_entries WHERE worker_id = \(worker.id)",
            as: Int?.self)
        _ = try tx.insert(CostEntry.self) {
            $0.workerID = worker.id
            $0.accountID = worker.accountID
            $0.day = day
            $0.sequence = (last.first.flatMap(\.self) ?? 0) + 1
            $0.amount = cost.amount
            $0.inputTokens = cost.inputTokens
            $0.outputTokens = cost.outputTokens
            $0.occurredAt = now
        }
    }
}

/// What one report adds to a worker's cost.
struct Cost: Sendable {
    /// US dollars, above zero or with tokens.
    var amount: USD
    /// Tokens read for it.
    var inputTokens: Int
    /// Tokens written for it.
    var outputTokens: Int
}
