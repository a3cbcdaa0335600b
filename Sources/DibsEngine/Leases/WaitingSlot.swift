internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// The slot of a worker that waits for an answer: given back while it waits, taken again when it
/// goes on.
///
/// The account is locked, and the workspace after it.
enum WaitingSlot {
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

    /// Takes them again; throws the limit that leaves none, and then nothing has changed.
    static func take(
        _ worker: Worker, _ task: AgentTask, _ room: AccountRoom, in tx: Transaction
    ) throws {
        _ = try room.slots(1, keeping: AccountRoom.Kept())
        var places = try WorkspacePlaces.locked([worker.workspaceID], in: tx)
        guard let workspace = places.workspace(worker.workspaceID) else { return }
        guard places.hasPlace(workspace.id) else {
            throw DibsError(
                .workspaceLimit, "The workspace has as many workers at once as it may.",
                details: [
                    "limit": workspace.maxWorkers.map { "\($0)" } ?? "",
                    "current": "\(workspace.activeWorkers)",
                ],
                hint: "Report running again in a while; heartbeats keep the task meanwhile.")
        }
        let left = try TaskLimits.moneyLeft(of: [task], in: tx)[task.id]
        let hold = Hold.first(
            in: workspace, of: room.account, room: room.money, left: left)
        guard let hold else { throw try room.dayLimit(at: tx.now()) }
        places.take(workspace.id)
        try room.take(1, in: tx)
        try places.store(in: tx)
        try tx.execute(
            """
            UPDATE leases SET counted = \(true), answered = \(false), hold = \(hold)
            WHERE worker_id = \(worker.id)
            """)
        try places.confirm(in: tx)
    }
}
