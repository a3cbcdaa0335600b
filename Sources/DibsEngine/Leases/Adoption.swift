internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

/// Takes work that is there although its attempt has ended: a completion that came after the
/// lease, or what a person is content with.
enum Adoption {
    /// Whether a late completion can be taken: its worker was only cut off, was the last one,
    /// nobody has touched the task since, and nothing it asked is open.
    static func isPossible(
        _ worker: Worker, _ task: AgentTask, in session: some Session
    ) throws -> Bool {
        guard
            (worker.failureClass == .leaseExpired || worker.failureClass == .waiting)
                && task.status == .pending && task.updatedAt == worker.completedAt
        else { return false }
        return try Questions.asked(of: task.id, in: session) == 0
    }

    /// Completes a pending task, or hands it to a person to review.
    ///
    /// The task is locked, and before it the edges of its workspace for a completion.
    static func take(_ task: AgentTask, _ result: JSON?, in tx: Transaction) throws {
        let status = try task.status.afterOrThrow(task.needsReview ? .adoptForReview : .adopt)
        let now = try tx.now()
        try Questions.withdraw(from: task.id, in: tx)
        try tx.update(AgentTask.self) {
            $0.status = status
            if let result { $0.result = result }
            $0.notBefore = nil
            $0.updatedAt = now
        } where: {
            $0.id == task.id
        }
        if status == .completed { try Dependencies.completed(task.id, in: tx) }
        try tx.record(.taskAdopted, workspace: task.workspaceID, task: task.id)
    }
}
