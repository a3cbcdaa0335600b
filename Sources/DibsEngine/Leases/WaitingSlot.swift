internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// The slot of a worker that waits for an answer: lent to others while it waits, taken again
/// before its next word.
///
/// A worker without a slot may beat and repeat its question and nothing else, or ten workers that
/// say they wait would work under a limit of one. The account is locked, and the workspace after
/// it.
enum WaitingSlot {
    /// Whether a live worker has lent its slot; with the account locked it stays so.
    static func isLent(by worker: Worker.ID, in session: some Session) throws -> Bool {
        try session.rows("SELECT counted FROM leases WHERE worker_id = \(worker)", as: Bool.self)
            .first == false
    }

    /// The renewed lease of a worker that is about to leave something; its slot is taken first
    /// where it was lent.
    static func working(_ worker: Worker, in tx: Transaction) throws -> Lease {
        guard try isLent(by: worker.id, in: tx) else {
            let lease = try LeaseRenewal.renew(worker, in: tx)
            guard lease.counted else { throw SlotLent() }
            return lease
        }
        let room = try AccountRoom.locked(worker.accountID, in: tx)
        try WorkspacePlaces.lock(worker.workspaceID, in: tx)
        guard let task = try TaskRow.locked(worker.taskID, in: tx) else {
            throw DibsError.notFound("task", worker.taskID)
        }
        let lease = try LeaseRenewal.renew(worker, in: tx)
        return try lease.counted ? lease : take(worker, task, room, in: tx)
    }

    /// Gives slot, seat, place and hold back; the lease stays.
    static func giveBack(_ worker: Worker, in tx: Transaction) throws {
        let changed = try tx.execute(
            """
            UPDATE leases SET counted = \(false), answered = \(false), hold = \(USD.zero)
            WHERE worker_id = \(worker.id) AND counted
            """)
        guard changed == 1 else { return }
        if let account = try Account.where({ $0.id == worker.accountID }).first(in: tx) {
            try AccountRoom.release(account, in: tx)
        }
        try WorkspacePlaces.release(worker.workspaceID, in: tx)
    }

    /// Takes them again, and answers the lease with its new hold.
    ///
    /// Throws the limit that leaves none, and then nothing has changed. Who was answered goes
    /// before who was not.
    static func take(
        _ worker: Worker, _ task: AgentTask, _ room: AccountRoom, in tx: Transaction
    ) throws -> Lease {
        do { return try taken(worker, task, room, in: tx) } catch var limit as DibsError {
            limit.hint =
                "It waits for an answer and has lent its slot: heartbeats keep its task meanwhile. "
                + "Say it again once there is room, or leave it: when its lease runs out it ends "
                + "as waiting, and the next attempt gets the answer."
            throw limit
        }
    }

    private static func taken(
        _ worker: Worker, _ task: AgentTask, _ room: AccountRoom, in tx: Transaction
    ) throws -> Lease {
        let answered = Lease.where {
            $0.workerID == worker.id; $0.answered == .literal(true)
        }
        let isAnswered = try answered.count(in: tx) > 0
        _ = try room.slots(
            1, keeping: isAnswered ? AccountRoom.Kept() : .of(room.account, in: tx))
        var places = try WorkspacePlaces.locked([worker.workspaceID], in: tx)
        guard let workspace = places.workspace(worker.workspaceID) else {
            throw DibsError.notFound("workspace", worker.workspaceID)
        }
        guard places.hasPlace(workspace.id, goingOn: true) else {
            throw DibsError(
                .workspaceLimit, "The workspace has as many workers at once as it may.",
                details: [
                    "limit": workspace.maxWorkers.map { "\($0)" } ?? "",
                    "current": "\(workspace.activeWorkers)",
                ])
        }
        let left = try TaskLimits.moneyLeft(of: [task], in: tx)[task.id]
        let hold = Hold.first(
            in: workspace, of: room.account, room: room.money, left: left)
        guard let hold else { throw try room.dayLimit(at: tx.now()) }
        places.take(workspace.id)
        try room.take(1, in: tx)
        try places.store(in: tx)
        let lease = try tx.update(Lease.self) {
            $0.counted = true
            $0.answered = false
            $0.hold = hold
        } where: {
            $0.workerID == worker.id
        }
        try places.confirm(in: tx)
        guard let lease = lease.first else { throw try LeaseLost.error(worker, in: tx) }
        return lease
    }
}

/// A worker lent its slot between a look without locks and the word that needs it: the word is
/// tried again, and then begins with the locks.
struct SlotLent: Error {}

extension Engine {
    /// Does it again where a worker's slot was lent, or the worker ended, meanwhile.
    func retryingWhenLent<T: Sendable>(
        _ body: @Sendable () async throws -> T
    ) async throws -> T {
        for _ in 0..<5 {
            do { return try await body() } catch is SlotLent {} catch is EndedMeanwhile {}
        }
        throw DibsError(
            .busy, "The worker takes its slot and lends it all the time.",
            hint: "Send one report of a worker at a time.")
    }
}
