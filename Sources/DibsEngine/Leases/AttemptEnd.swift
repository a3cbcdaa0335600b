internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// How an attempt ends, whoever says so: the worker, a person, or the reaper.
enum Outcome: Sendable {
    /// It did the work.
    case completed(result: JSON?)
    /// It did not, and why.
    case failed(FailureClass, error: String?)
}

/// Ends one attempt: the worker, its lease, its slots, its task and who waits for that task.
///
/// The caller has locked the account (and its seat) already; the task is locked here, and the lease
/// and the worker after it. Ending twice is impossible: the lease is deleted by exactly one.
struct AttemptEnd {
    let worker: Worker
    let outcome: Outcome
    let tx: Transaction

    /// Ends it; throws `lease_lost` when it has ended already.
    func run() throws {
        try WorkspacePlaces.lock(worker.workspaceID, in: tx)
        guard let task = try TaskRow.locked(worker.taskID, in: tx) else {
            throw DibsError.notFound("task", worker.taskID)
        }
        let now = try tx.now()
        let lease = try tx.rows(
            "DELETE FROM leases WHERE worker_id = \(worker.id) RETURNING counted", as: Bool.self)
        guard let counted = lease.first else { throw try LeaseLost.error(worker, in: tx) }
        try endWorker(now)
        if counted {
            let account = try Account.where { $0.id == worker.accountID }.first(in: tx)
            if let account { try AccountRoom.release(account, in: tx) }
            try WorkspacePlaces.release(worker.workspaceID, in: tx)
        }
        switch outcome {
        case .completed(let result): try finish(task, result, now)
        case .failed(let reason, _): try giveBack(task, reason, now)
        }
    }

    private func endWorker(_ now: Date) throws {
        let (worker, outcome) = (worker, outcome)
        try tx.update(Worker.self) {
            switch outcome {
            case .completed:
                $0.status = .completed
                $0.progress = 100
            case .failed(let reason, let error):
                $0.status = .error
                $0.failureClass = reason
                $0.error = error
            }
            $0.waitingFor = nil
            $0.completedAt = now
            $0.updatedAt = now
        } where: {
            $0.id == worker.id
        }
        try tx.record(
            .workerEnded, workspace: worker.workspaceID, task: worker.taskID, worker: worker.id,
            account: worker.accountID)
    }

    private func finish(_ task: AgentTask, _ result: JSON?, _ now: Date) throws {
        // A cancelled task stays cancelled: its worker was told to stop and did this instead.
        guard task.status != .cancelled else { return }
        let event: TaskEvent = task.needsReview ? .submit : .finish
        let status = try task.status.afterOrThrow(event)
        try tx.update(AgentTask.self) {
            $0.status = status
            $0.result = result
            $0.claimedBy = nil
            $0.claimedAt = nil
            $0.expiresAt = nil
            $0.increment(\.ends)
            $0.updatedAt = now
        } where: {
            $0.id == task.id
        }
        try tx.execute(
            "UPDATE accounts SET total_tasks = total_tasks + 1 WHERE id = \(worker.accountID)")
        if status == .completed { try Dependants.completed(task.id, in: tx) }
        try tx.record(
            status == .completed ? .taskCompleted : .taskSubmitted, workspace: task.workspaceID,
            task: task.id, worker: worker.id, account: worker.accountID)
    }

    private func giveBack(_ task: AgentTask, _ reason: FailureClass, _ now: Date) throws {
        guard task.status != .cancelled else { return }
        let attempts = task.attempts + (reason.burnsAttempt ? 1 : 0)
        let isSpent = attempts >= task.maxAttempts || task.ends + 1 >= 10 * task.maxAttempts
        let status = try task.status.afterOrThrow(isSpent ? .giveUp : .giveBack)
        let wait = reason.backOffSeconds(attempts: attempts)
        let notBefore = wait > 0 && !isSpent ? now.addingTimeInterval(TimeInterval(wait)) : nil
        try tx.update(AgentTask.self) {
            $0.status = status
            $0.claimedBy = nil
            $0.claimedAt = nil
            $0.expiresAt = nil
            $0.attempts = attempts
            $0.increment(\.ends)
            $0.notBefore = notBefore
            $0.updatedAt = now
        } where: {
            $0.id == task.id
        }
        try tx.record(
            isSpent ? .taskFailed : .taskReturned, workspace: task.workspaceID, task: task.id,
            worker: worker.id, account: worker.accountID,
            data: ["reason": .string(reason.rawValue)])
    }
}

/// A task under its lock.
enum TaskRow {
    /// Locks a task and reads it; nil when there is none.
    static func locked(_ id: AgentTask.ID, in tx: Transaction) throws -> AgentTask? {
        try tx.all(
            AgentTask.self,
            "SELECT \(columns: AgentTask.self) FROM tasks WHERE id = \(id) \(Lock.row)"
        ).first
    }
}

/// The tasks that wait for another.
enum Dependants {
    /// Counts one blocker less in each of them, in the order of their ids.
    static func completed(_ task: AgentTask.ID, in tx: Transaction) throws {
        let waiting = try tx.rows(
            """
            SELECT id FROM tasks
            WHERE id IN (SELECT task_id FROM task_dependencies WHERE depends_on_id = \(task))
            ORDER BY id \(Lock.row)
            """, as: AgentTask.ID.self)
        guard !waiting.isEmpty else { return }
        try tx.execute(
            """
            UPDATE tasks SET open_dependencies = open_dependencies - 1 WHERE id \(in: waiting)
            """)
    }
}

/// What a worker is told whose lease is gone.
enum LeaseLost {
    /// `lease_lost`, with who holds the task now.
    static func error(_ worker: Worker, in session: some Session) throws -> DibsError {
        let holder = try session.rows(
            "SELECT worker_id FROM leases WHERE task_id = \(worker.taskID)", as: Worker.ID.self)
        let task = try AgentTask.where { $0.id == worker.taskID }.first(in: session)
        var details = ["worker": "\(worker.id)", "task": "\(worker.taskID)"]
        details["status"] = task?.status.rawValue
        details["holder"] = holder.first.map { "\($0)" }
        return DibsError(
            .leaseLost, "The lease is no longer this worker's.", details: details,
            hint: "Stop working on it, and claim again.")
    }
}
