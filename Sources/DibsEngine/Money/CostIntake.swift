internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

/// Takes what a worker tells of its costs: into the ledger, or aside when it is out of all
/// proportion to what it may spend.
///
/// A cost is a fact and is never refused for its size. But a slip of the pen or a lie of billions
/// would close the account's day and wear out its sums, so that one counts only once a person has
/// accepted it. Nobody is to decide a thousand times on one worker: past the first 20 that wait, a
/// cost becomes part of the newest of them. The account and the task are locked.
struct CostIntake {
    let worker: Worker
    let task: AgentTask
    /// The worker's lease; nil after its end.
    let lease: Lease?
    let tx: Transaction

    /// Costs of one worker that a person decides on one by one; the next is part of the last.
    static let openAtMost = 20

    /// Takes one cost; the entry has `parkedAt` when it was put aside.
    func take(_ line: Ledger.Line) throws -> CostEntry {
        let most = try Proportion.most(of: task, Ledger(worker: worker, tx: tx).account())
        guard line.amount <= most || line.corrects != nil else { return try park(line, most) }
        let entry = try Ledger(worker: worker, tx: tx).add(line)
        // A correction gives nothing back to a hold: the room that it makes is the day's.
        if let lease, line.corrects == nil {
            try Allowance.spend(line.amount, lease, task, in: tx)
        }
        return entry
    }

    /// Takes what is new in a running total.
    func take(total: USD, _ line: Ledger.Line) throws {
        let most = try Proportion.most(of: task, Ledger(worker: worker, tx: tx).account())
        var line = line
        line.amount = try Told.read(of: worker, in: tx).news(in: total, atMost: most)
        if line.amount > .zero { _ = try take(line) }
    }

    private func park(_ line: Ledger.Line, _ most: USD) throws -> CostEntry {
        let worker = worker
        let open = try ParkedCost.where {
            $0.workerID == worker.id; $0.decidedAt == nil; $0.partOf == nil
        }
        .order {
            $0.createdAt.descending; $0.sequence.descending
        }
        .limit(Self.openAtMost).all(in: tx)
        let whole = open.count < Self.openAtMost ? nil : open.first
        if let whole { try add(line, to: whole) }
        let (last, moment) = try Ledger(worker: worker, tx: tx).place(line)
        let now = try tx.now()
        let parked = try tx.insert(ParkedCost.self) {
            $0.workerID = worker.id
            $0.accountID = worker.accountID
            $0.sequence = line.sequence ?? last + 1
            $0.amount = line.amount
            $0.told = line.amount
            $0.partOf = whole?.id
            $0.most = most
            $0.inputTokens = line.inputTokens
            $0.outputTokens = line.outputTokens
            $0.model = line.model
            $0.provenance = line.provenance
            $0.occurredAt = moment
            $0.createdAt = now
        }
        try tx.record(
            .costParked, workspace: worker.workspaceID, task: task.id, worker: worker.id,
            account: worker.accountID, data: ["amount": .string("\(line.amount)")])
        return try parked.asEntry(in: tx)
    }

    private func add(_ part: Ledger.Line, to whole: ParkedCost) throws {
        try tx.update(ParkedCost.self) {
            $0.amount = USD.clamped([whole.amount, part.amount])
            $0.inputTokens = whole.inputTokens.adding(saturating: part.inputTokens)
            $0.outputTokens = whole.outputTokens.adding(saturating: part.outputTokens)
            $0.increment(\.parts)
        } where: {
            $0.id == whole.id
        }
    }
}

/// The most that one cost may be and count at once.
enum Proportion {
    /// Never less than this, for a limit of cents says little about a slip.
    static let least: USD = "100"
    /// Without any limit to go by.
    static let unlimited: USD = "1000"

    /// Ten times the larger of the task's limit and of the account's day; a hold is never larger
    /// than both.
    static func most(of task: AgentTask, _ account: Account) -> USD {
        let limits = [task.maxCost, account.maxCostPerDay].compactMap(\.self)
        return limits.max().map { max(least, $0.times(10)) } ?? unlimited
    }
}

/// The costs that a worker has told so far; its next running total is compared with them.
struct Told {
    /// The amount that counts, without what people have corrected.
    let counted: USD
    /// The amount that was put aside and not accepted.
    let parked: USD

    /// Reads it; the account is locked.
    static func read(of worker: Worker, in session: some Session) throws -> Told {
        let corrections = try session.rows(
            """
            SELECT amount FROM cost_entries
            WHERE worker_id = \(worker.id) AND corrects IS NOT NULL
            """, as: USD.self)
        let parked = try session.rows(
            """
            SELECT amount FROM parked_costs
            WHERE worker_id = \(worker.id) AND entry_id IS NULL AND part_of IS NULL
            """, as: USD.self)
        let corrected = USD.clamped(corrections)
        return Told(
            counted: USD.clamped([worker.costUSD, USD(nanos: -corrected.nanos)]),
            parked: USD.clamped(parked))
    }

    /// Computes the amount that a running total adds.
    ///
    /// A total that reaches what was put aside has it in it, and only the rest is new. A lower one
    /// is of a worker that knows nothing of it: what it has more than counts is new, unless that
    /// is out of proportion itself and so was told before.
    func news(in total: USD, atMost most: USD) throws -> USD {
        let all = USD.clamped([counted, parked])
        if total >= all { return try total - all }
        guard total > counted else { return .zero }
        let more = try total - counted
        return more <= most ? more : .zero
    }
}
