internal import DibsCore
internal import DibsData
internal import DibsSchema

/// The rights to write to a worker: its own token, the account that claimed, and admins.
enum WorkerAccess {
    /// The worker, unlocked; throws `not_found` for one the caller may not see, `forbidden` for one
    /// it may see and not write to.
    static func writable(_ id: Worker.ID, by caller: Caller, in tx: Transaction) throws -> Worker {
        if let own = caller.worker, own.id != id {
            throw DibsError.forbidden(
                "A worker's token may only write to its own worker.",
                hint: "Use the token that came with this worker's claim.")
        }
        let worker = try caller.worker(id, in: tx)
        guard caller.isAdmin || worker.accountID == caller.account.id else {
            throw DibsError.forbidden(
                "This worker belongs to another account.",
                hint: "Only the account that claimed, or an admin, may write to it.")
        }
        return worker
    }

    /// The same for what only a live worker does: its own token gets `lease_lost` once it ended.
    ///
    /// For an account the lease decides, so that it hears again of what was taken before the end.
    static func live(_ id: Worker.ID, by caller: Caller, in tx: Transaction) throws -> Worker {
        let worker = try writable(id, by: caller, in: tx)
        guard caller.worker == nil || worker.completedAt == nil else {
            throw try LeaseLost.error(worker, in: tx)
        }
        return worker
    }
}
