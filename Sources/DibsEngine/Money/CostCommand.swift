package import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Takes one cost that a worker or its runner tells, also after the worker's end, or a person's
/// correction of one.
struct CostCommand {
    let id: Worker.ID
    let cost: NewCost
    let caller: Caller
    let tx: Transaction

    /// The entry; the same one when its sequence was told before.
    func run() throws -> CostEntry {
        let seen = try WorkerAccess.writable(id, by: caller, in: tx)
        let room = try AccountRoom.locked(seen.accountID, in: tx)
        let isLent = try cost.corrects == nil && WaitingSlot.isLent(by: id, in: tx)
        if isLent { try WorkspacePlaces.lock(seen.workspaceID, in: tx) }
        guard let task = try TaskRow.locked(seen.taskID, in: tx) else {
            throw DibsError.notFound("task", seen.taskID)
        }
        // Another cost of it may have come between.
        let worker = try WorkerAccess.writable(id, by: caller, in: tx)
        if let told = try earlier() { return told }
        let corrected = try corrected(of: worker)
        var lease = try corrected == nil ? lease(of: worker) : nil
        if isLent, lease != nil { lease = try WaitingSlot.take(worker, task, room, in: tx) }
        let entry = try CostIntake(worker: worker, task: task, lease: lease, tx: tx).take(
            Ledger.Line(
                amount: cost.amount, inputTokens: cost.inputTokens,
                outputTokens: cost.outputTokens, model: cost.model,
                provenance: provenance(isCorrection: corrected != nil, isLate: lease == nil),
                sequence: cost.sequence, occurredAt: cost.occurredAt, corrects: corrected))
        try countTokens(of: worker)
        try TaskLimits.settle(task.id, worker, in: tx)
        return entry
    }

    private func provenance(isCorrection: Bool, isLate: Bool) -> Provenance {
        if isCorrection { return .corrected }
        if isLate { return .late }
        return cost.isEstimated ? .estimated : .reported
    }

    private func countTokens(of worker: Worker) throws {
        let input = try Tokens.sum(worker.inputTokens, cost.inputTokens)
        let output = try Tokens.sum(worker.outputTokens, cost.outputTokens)
        try tx.execute(
            """
            UPDATE workers SET input_tokens = \(input), output_tokens = \(output)
            WHERE id = \(worker.id)
            """)
    }

    /// The lease, renewed; nil for a worker whose end is not too long ago.
    private func lease(of worker: Worker) throws -> Lease? {
        guard worker.completedAt != nil else { return try LeaseRenewal.renew(worker, in: tx) }
        try LateWord.check(worker, in: tx)
        return nil
    }

    private func earlier() throws -> CostEntry? {
        guard let sequence = cost.sequence else { return nil }
        let parked = try ParkedCost.where {
            $0.workerID == id; $0.sequence == sequence
        }
        .first(in: tx)
        let told =
            try parked?.asEntry(in: tx)
            ?? CostEntry.where {
                $0.workerID == id; $0.sequence == sequence
            }
            .first(in: tx)
        guard let told else { return nil }
        // The entry of one that was accepted has the amounts of its parts in it.
        let amount = parked?.told ?? told.amount
        guard amount == cost.amount, told.corrects == cost.corrects else {
            throw DibsError(
                .duplicate, "That sequence was another cost of this worker.",
                details: ["sequence": "\(sequence)", "amount": "\(amount)"],
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
        let before = try CostEntry.where {
            $0.workerID == worker.id; $0.corrects == wrong
        }
        .all(in: tx)
        let left = try before.reduce(entry.amount) { try $0 + $1.amount }
        guard try left + cost.amount >= .zero else {
            throw DibsError(
                .invalidAmount, "The correction takes more than there is.",
                details: ["amount": "\(left)"], hint: "Take at most the amount that is left.")
        }
        return entry
    }
}

extension NewCost: Checked {
    /// Throws `invalid_field` for the first field that is out of its bounds.
    func check() throws {
        if corrects == nil { try Check.notNegative(amount, "amountUsd") }
        try Check.notNegative(inputTokens, "inputTokens")
        try Check.notNegative(outputTokens, "outputTokens")
        try Check.atLeastOne(sequence, "sequence")
        try model.map { try Check.line($0, Bounds.name, "model") }
    }
}

extension Engine {
    package func addCost(
        _ cost: NewCost, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> CostEntry {
        let recall = Recall<CostEntry> {
            Once.Kept(ids: ["\($0.id)"])
        } answer: { kept, tx, caller in
            guard let id = kept.ids.first.flatMap({ UUID(uuidString: $0) }) else {
                throw DataError(.missing, "an idempotency key keeps no id")
            }
            if let entry = try CostEntry.find(Identifier(id), in: tx) {
                _ = try caller.worker(entry.workerID, in: tx)
                return entry
            }
            guard let parked = try ParkedCost.find(Identifier(id), in: tx) else {
                throw DibsError.notFound("cost", id)
            }
            _ = try caller.worker(parked.workerID, in: tx)
            return try parked.asEntry(in: tx)
        }
        return try await retryingWhenLent {
            try await writeOnce(
                "POST workers/\(worker)/costs", cost, as: caller, recall: recall,
                lastWordOf: worker
            ) {
                if cost.corrects != nil { try $1.needAdmin() }
                _ = try WorkerAccess.writable(worker, by: $1, in: $0)
            } act: { tx, caller, _ in
                try CostCommand(id: worker, cost: cost, caller: caller, tx: tx).run()
            }
        }
    }

    package func costs(
        of worker: Identifier<Worker>, _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<CostEntry> {
        try await read(as: caller) { snapshot, caller in
            let worker = try caller.worker(worker, in: snapshot).id
            return try CostEntry.where { $0.workerID == worker }.order { $0.sequence }
                .page(page, in: snapshot)
        }
    }
}
