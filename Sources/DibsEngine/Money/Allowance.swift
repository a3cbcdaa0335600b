internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// What a live worker may still spend: its hold, topped up while the day has room.
enum Allowance {
    /// Takes a cost from the hold, and tops the hold up when it nears its end.
    ///
    /// The account is locked, and the cost is in its day already. A correction gives nothing back:
    /// the room that it makes is the day's.
    static func spend(
        _ amount: USD, _ lease: Lease, _ task: AgentTask, in tx: Transaction
    ) throws {
        let rest = max(.zero, try lease.hold - max(amount, .zero))
        try tx.execute("UPDATE leases SET hold = \(rest) WHERE worker_id = \(lease.workerID)")
        let found = try Worker.where { $0.id == lease.workerID }
            .with(Worker.account, Worker.workspace).first(in: tx)
        guard let (worker, account, workspace) = found, account.maxCostPerDay != nil,
            lease.counted
        else { return }
        let spent = max(worker.costUSD, .zero)
        guard try spent >= Hold.stopAt(of: try spent + rest) else { return }
        let now = try tx.now()
        guard let room = try DayMoney.room(of: account, at: now, in: tx), room > .zero else {
            return
        }
        let left = try TaskLimits.moneyLeft(of: [task], in: tx)[task.id]
        let wanted = Hold.estimate(in: workspace, of: account, left: left)
        let more = try min(max(.zero, wanted - rest), room)
        guard more > .zero else { return }
        try tx.execute(
            "UPDATE leases SET hold = hold + \(more) WHERE worker_id = \(lease.workerID)")
    }
}

/// Whether a live worker may go on, and until when.
struct Verdict {
    /// The worker's cost at which it should wrap up; nil is no limit.
    var stopAt: USD?
    /// What its account may still set aside today; nil is no limit.
    var room: USD?
    /// Why it must end now.
    var stop: StopReason?

    /// Reads it as things are now.
    static func of(
        _ worker: Worker, _ lease: Lease, _ task: AgentTask, _ account: Account,
        in session: some Session
    ) throws -> Verdict {
        let now = try session.now()
        var verdict = Verdict()
        verdict.room = try DayMoney.room(of: account, at: now, in: session)
        if let room = verdict.room, lease.counted {
            let stopAt = try Hold.stopAt(of: try worker.costUSD + lease.hold)
            verdict.stopAt = stopAt
            if room <= .zero, worker.costUSD >= stopAt { verdict.stop = .dayLimit }
        }
        if task.hasLimits {
            let use = try TaskLimits.use(of: task, at: now, in: session)
            if let most = task.maxCost {
                let mine = try max(.zero, Hold.stopAt(of: most) - use.cost + worker.costUSD)
                verdict.stopAt = min(verdict.stopAt ?? mine, mine)
            }
            if TaskLimits.reached(task, use) != nil { verdict.stop = .taskLimit }
        }
        if now >= lease.endsAt { verdict.stop = .maxDuration }
        if task.status == .cancelled { verdict.stop = .cancelled }
        return verdict
    }
}
