internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// The money that a live worker may still spend: its hold, topped up while the day has room.
enum Allowance {
    /// Takes a cost from the hold, and tops the hold up when it nears its end.
    ///
    /// The account is locked, and the cost is in its day already.
    static func spend(
        _ amount: USD, _ lease: Lease, _ task: AgentTask, in tx: Transaction
    ) throws {
        let rest = try lessen(lease, by: amount, in: tx)
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

extension Allowance {
    /// Takes a cost from the hold, and answers what is left of it.
    @discardableResult
    static func lessen(_ lease: Lease, by amount: USD, in tx: Transaction) throws -> USD {
        let rest = max(.zero, try lease.hold - max(amount, .zero))
        try tx.execute("UPDATE leases SET hold = \(rest) WHERE worker_id = \(lease.workerID)")
        return rest
    }
}

/// Whether a live worker may go on, and until when.
struct Verdict {
    /// The worker's cost at which it should wrap up; nil is no limit.
    var stopAt: USD?
    /// Money its account may still set aside today; nil is no limit.
    var room: USD?
    /// The sum it told that waits for a person; nil is nothing.
    var parked: USD?
    /// The reason why it must end now.
    var stop: StopReason?

    /// Reads it as things are now.
    static func of(
        _ worker: Worker, _ lease: Lease, _ task: AgentTask, _ account: Account,
        in session: some Session
    ) throws -> Verdict {
        let now = try session.now()
        var verdict = Verdict()
        if let limit = account.maxCostPerDay {
            let money = try DayMoney.read(of: account, at: now, in: session)
            verdict.room = try money.room
            if lease.counted {
                let stopAt = try Hold.stopAt(of: USD.clamped([worker.costUSD, lease.hold]))
                verdict.stopAt = stopAt
                let isOut = try money.room.map { $0 <= .zero } ?? false
                if isOut, worker.costUSD >= stopAt { verdict.stop = .dayLimit }
            } else if money.spent >= limit {
                // It has set nothing aside: what others hold may come back, what is spent not.
                verdict.stop = .dayLimit
            }
        }
        if task.hasLimits {
            let use = try TaskLimits.use(of: task, at: now, in: session)
            if let most = task.maxCost {
                let mine = try max(.zero, Hold.stopAt(of: most) - use.cost + worker.costUSD)
                verdict.stopAt = min(verdict.stopAt ?? mine, mine)
            }
            if TaskLimits.reached(task, use) != nil { verdict.stop = .taskLimit }
        }
        verdict.parked = try ParkedCost.open(of: worker.id, in: session)
        if verdict.parked != nil {
            // If it is true it is past every limit; until a person has said so, nobody goes on
            // spending on the strength of not having been believed.
            if task.maxCost != nil { verdict.stop = .taskLimit }
            if account.maxCostPerDay != nil { verdict.stop = .dayLimit }
        }
        if now >= lease.endsAt { verdict.stop = .maxDuration }
        if task.status == .cancelled { verdict.stop = .cancelled }
        return verdict
    }
}
