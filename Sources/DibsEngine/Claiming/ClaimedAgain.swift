internal import DibsCore
internal import DibsData
internal import DibsSchema

/// The answer to a claim whose first answer was lost on the way: the same workers, as far as they
/// still live, with their tokens, which are derived and not kept.
struct ClaimedAgain {
    let ids: [String]
    /// The caller that asks now; what it may not see any more is not told again.
    let caller: Caller
    let secret: ServerSecret

    func answer(in tx: Transaction) throws -> ClaimAnswer {
        let wanted = ids.compactMap { Worker.ID($0) }
        let visible = caller.visibleWorkspaces
        let rows = try Worker.where {
            $0.id.in(wanted)
            $0.workspaceID.in(visible)
            $0.completedAt == nil
        }
        .order { $0.createdAt }.with(Worker.task, Worker.workspace, Worker.account).all(in: tx)
        let leases = try tx.all(
            Lease.self, "SELECT \(columns: Lease.self) FROM leases WHERE worker_id \(in: wanted)")
        let workers = try rows.compactMap { worker, task, workspace, account in
            try leases.first { $0.workerID == worker.id }.map { lease in
                let verdict = try Verdict.of(worker, lease, task, account, in: tx)
                let answers = try task.ends == 0 ? .none : Questions.answers(task.id, in: tx)
                return ClaimedWorker(
                    id: worker.id, taskID: task.id, branch: worker.branch,
                    leaseExpiresAt: lease.expiresAt, remainingToday: verdict.room,
                    stopAt: verdict.stopAt,
                    answers: answers.newest, answersLeftOut: answers.leftOut,
                    salvage: try Salvage.of(task, in: tx),
                    token: secret.workerToken(for: worker.id).secret,
                    task: task, workspace: workspace)
            }
        }
        return ClaimAnswer(workers: workers, reason: workers.isEmpty ? .noTask : nil)
    }
}
