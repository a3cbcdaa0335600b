package import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

extension ParkedCost {
    /// The line it would be, as who told it gets it back.
    func asEntry(in session: some Session) throws -> CostEntry {
        if let entryID, let entry = try CostEntry.find(entryID, in: session) { return entry }
        let account = try Account.find(accountID, in: session)
        var entry = CostEntry(
            id: Identifier(id.uuid), workerID: workerID, accountID: accountID,
            day: account?.day(at: occurredAt).name ?? "", sequence: sequence, amount: told,
            inputTokens: inputTokens, outputTokens: outputTokens, model: model,
            provenance: provenance, corrects: nil, occurredAt: occurredAt, createdAt: createdAt)
        entry.parkedAt = createdAt
        return entry
    }

    /// The amount that a worker told and that still waits for a person; nil is nothing.
    static func open(of worker: Worker.ID, in session: some Session) throws -> USD? {
        let amounts = try session.rows(
            """
            SELECT amount FROM parked_costs
            WHERE worker_id = \(worker) AND decided_at IS NULL AND part_of IS NULL
            """, as: USD.self)
        return amounts.isEmpty ? nil : USD.clamped(amounts)
    }
}

/// A person's word on a cost that was put aside.
struct CostVerdict {
    let id: ParkedCost.ID
    let decision: CostDecision
    let caller: Caller
    let tx: Transaction

    /// The cost as it is after; throws `illegal_transition` when somebody has decided already or it
    /// is part of another, and `amount_out_of_range` for a sum that no column holds.
    func run() throws -> ParkedCost {
        guard let seen = try ParkedCost.find(id, in: tx) else {
            throw DibsError.notFound("parked cost", id)
        }
        if let whole = seen.partOf {
            throw DibsError(
                .illegalTransition, "The cost is decided on with another one.",
                details: ["cost": "\(id)", "partOf": "\(whole)"],
                hint: "Decide on that one: dibs cost accept \(whole), or drop.")
        }
        _ = try AccountRoom.locked(seen.accountID, in: tx)
        let taskID = try caller.worker(seen.workerID, in: tx).taskID
        guard let task = try TaskRow.locked(taskID, in: tx) else {
            throw DibsError.notFound("task", taskID)
        }
        guard let parked = try ParkedCost.find(id, in: tx), parked.decidedAt == nil else {
            throw DibsError(
                .illegalTransition, "The cost does not wait for a person any more.",
                details: ["cost": "\(id)"], hint: "See its worker's ledger: dibs worker costs.")
        }
        let entry = try decision == .accept ? accept(parked, task) : nil
        let (me, now) = (caller.account.id, try tx.now())
        let changed = try tx.update(ParkedCost.self) {
            $0.entryID = entry?.id
            $0.decidedBy = me
            $0.decidedAt = now
        } where: {
            $0.id == parked.id
        }
        try tx.record(
            decision == .accept ? .costAccepted : .costDropped, workspace: task.workspaceID,
            task: task.id, worker: parked.workerID, account: me,
            data: ["amount": .string("\(parked.amount)")])
        return changed.first ?? parked
    }

    /// Counts it on the day it was spent, and takes it from what its worker has set aside.
    private func accept(_ parked: ParkedCost, _ task: AgentTask) throws -> CostEntry {
        guard parked.parts == 0 || parked.amount < .largest else {
            throw DibsError(
                .amountOutOfRange, "The costs together leave the range of an amount.",
                details: ["cost": "\(parked.id)", "parts": "\(parked.parts)"],
                hint: "Drop them, and add what was really spent: POST /api/workers/…/costs.")
        }
        let lease = try tx.all(
            Lease.self,
            """
            SELECT \(columns: Lease.self) FROM leases
            WHERE worker_id = \(parked.workerID) \(Lock.row)
            """
        ).first
        let worker = try caller.worker(parked.workerID, in: tx)
        let entry = try Ledger(worker: worker, tx: tx).add(
            Ledger.Line(
                amount: parked.amount, inputTokens: parked.inputTokens,
                outputTokens: parked.outputTokens, model: parked.model,
                provenance: parked.provenance, sequence: parked.sequence,
                occurredAt: parked.occurredAt))
        if let lease { try Allowance.lessen(lease, by: parked.amount, in: tx) }
        try TaskLimits.settle(task.id, worker, in: tx)
        return entry
    }
}

extension Engine {
    package func parkedCosts(
        _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<ParkedCost> {
        try await read(as: caller) { snapshot, caller in
            let visible = caller.visibleWorkspaces
            let workers: SQL = "SELECT id FROM workers WHERE workspace_id IN (\(visible))"
            return try ParkedCost.where {
                $0.decidedAt == nil
                $0.partOf == nil
                $0.workerID.in(workers)
            }
            .order { $0.createdAt.descending }.page(page, in: snapshot)
        }
    }

    package func decideCost(
        _ id: Identifier<ParkedCost>, _ decision: CostDecision, as caller: Credential
    ) async throws -> ParkedCost {
        let operation = "POST costs/\(id)/\(decision.rawValue)"
        let recall = Recall<ParkedCost>.row { caller, id, tx in
            guard let cost = try ParkedCost.find(id, in: tx) else {
                throw DibsError.notFound("parked cost", id)
            }
            _ = try caller.worker(cost.workerID, in: tx)
            return cost
        }
        return try await writeOnce(operation, NoBody(), as: caller, recall: recall) {
            try $1.needAdmin()
        } act: { tx, caller, _ in
            try CostVerdict(id: id, decision: decision, caller: caller, tx: tx).run()
        }
    }
}
