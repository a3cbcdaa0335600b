package import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// The append-only list of what was spent, and the sums that are kept of it.
///
/// Its entries are never changed and never removed: an amount that was wrong is corrected by an
/// entry of its own, on the day of the one it names.
struct Ledger {
    let worker: Worker
    let tx: Transaction

    /// One line to be.
    struct Line {
        var amount: USD
        var inputTokens = 0
        var outputTokens = 0
        var model: String?
        var provenance = Provenance.reported
        var sequence: Int?
        var occurredAt: Date?
        var corrects: CostEntry?
    }

    /// Adds a line, and its amount to the account, its day and the worker.
    ///
    /// The account is locked by its first statement at the latest.
    func add(_ line: Line) throws -> CostEntry {
        let account = try tx.all(
            Account.self,
            """
            UPDATE accounts SET total_cost = total_cost + \(line.amount)
            WHERE id = \(worker.accountID) RETURNING \(columns: Account.self)
            """)
        guard let account = account.first else {
            throw DataError(.missing, "the account of a worker is gone")
        }
        if line.amount < .zero { tx.openRoom() }
        let (last, moment) = try place(line)
        let day = line.corrects?.day ?? account.day(at: moment).name
        try tx.execute(
            """
            INSERT INTO account_days (account_id, day, spent)
            VALUES (\(worker.accountID), \(day), \(line.amount))
            ON CONFLICT (account_id, day)
            DO UPDATE SET spent = account_days.spent + excluded.spent
            """)
        let worker = worker
        return try tx.insert(CostEntry.self) {
            $0.workerID = worker.id
            $0.accountID = worker.accountID
            $0.day = day
            $0.sequence = line.sequence ?? last + 1
            $0.amount = line.amount
            $0.inputTokens = line.inputTokens
            $0.outputTokens = line.outputTokens
            $0.model = line.model
            $0.provenance = line.provenance
            $0.corrects = line.corrects?.id
            $0.occurredAt = moment
        }
    }

    /// The last sequence so far, and the moment of a line: between the entry before and now.
    private func place(_ line: Line) throws -> (sequence: Int, moment: Date) {
        let last = try CostEntry.where { $0.workerID == worker.id }
            .order { $0.sequence.descending }.first(in: tx)
        let now = try tx.now()
        let moment = min(max(line.occurredAt ?? now, last?.occurredAt ?? worker.createdAt), now)
        return (last?.sequence ?? 0, moment)
    }
}

/// Takes one cost that a worker or its runner tells, also after the worker's end.
struct CostCommand {
    let id: Worker.ID
    let cost: NewCost
    let caller: Caller
    let tx: Transaction

    /// A worker's ledger is open so long after its end.
    static let lateness: TimeInterval = 24 * 3600

    /// The entry; the same one when its sequence was told before.
    func run() throws -> CostEntry {
        try check()
        let seen = try WorkerAccess.writable(id, by: caller, in: tx)
        _ = try AccountRoom.locked(seen.accountID, in: tx)
        guard let task = try TaskRow.locked(seen.taskID, in: tx) else {
            throw DibsError.notFound("task", seen.taskID)
        }
        // Another cost of it may have come between.
        let worker = try WorkerAccess.writable(id, by: caller, in: tx)
        if let told = try earlier() { return told }
        let lease = try self.lease(of: worker)
        let corrected = try corrected(of: worker)
        let provenance: Provenance =
            corrected != nil
            ? .corrected
            : lease == nil
                ? .late
                : cost.isEstimated
                    ? .estimated
                    : .reported
        let entry = try Ledger(worker: worker, tx: tx).add(
            Ledger.Line(
                amount: cost.amount, inputTokens: cost.inputTokens,
                outputTokens: cost.outputTokens, model: cost.model, provenance: provenance,
                sequence: cost.sequence, occurredAt: cost.occurredAt, corrects: corrected))
        let cost = cost
        let total = try worker.costUSD + cost.amount
        let changed = try tx.update(Worker.self) {
            $0.costUSD = total
            $0.inputTokens = worker.inputTokens + cost.inputTokens
            $0.outputTokens = worker.outputTokens + cost.outputTokens
        } where: {
            $0.id == worker.id
        }
        if let lease { try Allowance.spend(cost.amount, lease, task, in: tx) }
        try TaskLimits.askWhereReached(task, changed.first ?? worker, in: tx)
        // What a pending task may still cost says in which lane it waits.
        if lease == nil, task.maxCost != nil {
            let lane = try Lanes.intern(for: task, in: tx)
            try tx.execute("UPDATE tasks SET lane_id = \(lane) WHERE id = \(task.id)")
        }
        return entry
    }

    private func check() throws {
        if cost.corrects == nil { try Check.notNegative(cost.amount, "amountUsd") }
        try Check.notNegative(cost.inputTokens, "inputTokens")
        try Check.notNegative(cost.outputTokens, "outputTokens")
        try Check.atLeastOne(cost.sequence, "sequence")
        try cost.model.map { try Check.length($0, 1...200, "model") }
    }

    /// The lease, renewed; nil for a worker whose end is not too long ago.
    private func lease(of worker: Worker) throws -> Lease? {
        guard let end = worker.completedAt else { return try LeaseRenewal.renew(worker, in: tx) }
        guard try tx.now() < end.addingTimeInterval(Self.lateness) else {
            throw try LeaseLost.error(worker, in: tx)
        }
        return nil
    }

    private func earlier() throws -> CostEntry? {
        guard let sequence = cost.sequence else { return nil }
        let told = try CostEntry.where {
            $0.workerID == id; $0.sequence == sequence
        }
        .first(in: tx)
        guard let told else { return nil }
        guard told.amount == cost.amount, told.corrects == cost.corrects else {
            throw DibsError(
                .duplicate, "That sequence was another cost of this worker.",
                details: ["sequence": "\(sequence)", "amount": "\(told.amount)"],
                hint: "Number the costs of a worker from 1, each once.")
        }
        return told
    }

    /// The entry to correct; with its corrections it may not come below zero.
    private func corrected(of worker: Worker) throws -> CostEntry? {
        guard let wrong = cost.corrects else { return nil }
        let entry = try CostEntry.where {
            $0.id == wrong; $0.workerID == worker.id; $0.corrects == nil
        }
        .first(in: tx)
        guard let entry else { throw DibsError.notFound("cost of this worker", wrong) }
        let before = try CostEntry.where { $0.corrects == wrong }.all(in: tx)
        let left = try before.reduce(entry.amount) { try $0 + $1.amount }
        guard try left + cost.amount >= .zero else {
            throw DibsError(
                .invalidAmount, "The correction takes more than there is.",
                details: ["amount": "\(left)"], hint: "Take at most the amount that is left.")
        }
        return entry
    }
}

extension Engine {
    package func addCost(
        _ cost: NewCost, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> CostEntry {
        try await writeOnce("POST workers/\(worker)/costs", cost, as: caller, recall: .row) {
            tx, caller in
            try CostCommand(id: worker, cost: cost, caller: caller, tx: tx).run()
        }
    }
}
