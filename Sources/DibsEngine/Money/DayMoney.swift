internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// An account's day: what it spent, what live leases have set aside, and what is left.
///
/// Money that a lease sets aside is its hold: the part it has not spent yet. Each cost moves its
/// amount from the hold to the day, so the two together pass the day's limit only by what was spent
/// without a hold, which shows as overdraft. A hold has no day: at midnight the rests of live
/// leases count against the new one.
struct DayMoney: Sendable {
    /// US dollars a day; nil is no limit.
    let limit: USD?
    /// In the day's ledger.
    let spent: USD
    /// The holds of its live leases.
    let held: USD

    /// Reads it; call it with the account locked to act on it.
    static func read(
        of account: Account, at now: Date, in session: some Session
    ) throws -> DayMoney {
        let day = account.day(at: now).name
        let spent = try session.rows(
            """
            SELECT spent FROM account_days
            WHERE account_id = \(account.id) AND day = \(day)
            """, as: USD.self)
        let held = try session.rows(
            "SELECT sum(hold) FROM leases WHERE account_id = \(account.id)", as: USD?.self)
        return DayMoney(
            limit: account.maxCostPerDay, spent: spent.first ?? .zero,
            held: held.first.flatMap(\.self) ?? .zero)
    }

    /// Money that may still be set aside today, below zero when more was spent; nil is no limit.
    var room: USD? {
        get throws { try limit.map { try $0 - spent - held } }
    }

    /// The same, without reading anything for an account that has no limit.
    static func room(of account: Account, at now: Date, in session: some Session) throws -> USD? {
        guard account.maxCostPerDay != nil else { return nil }
        return try read(of: account, at: now, in: session).room
    }
}

/// The money that an attempt sets aside.
enum Hold {
    /// Estimates the spending of a worker on a task.
    ///
    /// The amount is what tasks of its workspace cost lately, else what the task may still cost,
    /// else the day's limit divided by the workers it allows; never more than the task may still
    /// cost, nor than a whole day. `left` is what the task's own limit leaves; nil is no limit.
    static func estimate(
        in workspace: Workspace, of account: Account, left: USD?
    ) -> USD {
        guard let limit = account.maxCostPerDay else { return .zero }
        let share = USD(nanos: limit.nanos / Int64(max(account.maxConcurrentWorkers ?? 1, 1)))
        let wanted = workspace.expectedCost ?? left ?? share
        return min(wanted, left ?? wanted, limit)
    }

    /// The money that a claim sets aside; nil when the day has no room for it.
    static func first(
        in workspace: Workspace, of account: Account, room: USD?, left: USD?
    ) -> USD? {
        guard let room else { return .zero }
        guard room > .zero else { return nil }
        let wanted = estimate(in: workspace, of: account, left: left)
        // With nothing known of the task, the rest of the day is as good as a share.
        if workspace.expectedCost == nil, left == nil { return min(wanted, room) }
        return wanted <= room ? wanted : nil
    }

    /// The part kept for wrapping up: 5 %, at least $0.05, but never more than half.
    static func reserve(of allowance: USD) -> USD {
        let part = max(allowance.nanos / 20, 50_000_000)
        return USD(nanos: max(0, min(part, allowance.nanos / 2)))
    }

    /// The cost at which a worker should wrap up that may spend so much in all.
    static func stopAt(of allowance: USD) throws -> USD { try allowance - reserve(of: allowance) }
}
