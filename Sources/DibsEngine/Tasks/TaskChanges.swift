package import DibsCore
internal import DibsData
internal import DibsSchema

/// A decision of a person on a task.
struct TaskChange {
    /// The task as it was seen when the caller was found to have the right, before any lock.
    let seen: AgentTask
    let caller: Caller
    let tx: Transaction

    private var id: AgentTask.ID { seen.id }

    /// A task that the caller may decide about; throws `not_found` or `forbidden`.
    static func reviewable(
        _ id: AgentTask.ID, by caller: Caller, in tx: Transaction
    ) throws -> AgentTask {
        let task = try caller.task(id, in: tx)
        try caller.reviewable(task.workspaceID, in: tx)
        return task
    }

    /// A task that the caller may take from its worker: its own account's, or any that it may
    /// decide about; throws `not_found` or `forbidden`.
    static func releasable(
        _ id: AgentTask.ID, by caller: Caller, in tx: Transaction
    ) throws -> AgentTask {
        try caller.needAccount()
        let task = try caller.task(id, in: tx)
        let holder = try holder(of: id, in: tx)
        if let holder, holder.accountID != caller.account.id {
            try caller.reviewable(task.workspaceID, in: tx)
        }
        return task
    }

    private static func holder(of id: AgentTask.ID, in tx: Transaction) throws -> Worker? {
        try Worker.where {
            $0.taskID == id; $0.completedAt == nil
        }
        .first(in: tx)
    }

    /// Makes the event happen to the locked task; throws `illegal_transition` when it cannot.
    func apply(
        _ event: TaskEvent, _ type: EventType,
        also change: (inout Changes<AgentTask>) -> Void = { _ in }
    ) throws -> AgentTask {
        guard let task = try TaskRow.locked(id, in: tx) else {
            throw DibsError.notFound("task", id)
        }
        let status = try task.status.afterOrThrow(event)
        let now = try tx.now()
        let changed = try tx.update(AgentTask.self) {
            $0.status = status
            $0.updatedAt = now
            change(&$0)
        } where: {
            $0.id == id
        }
        guard let after = changed.first else { throw DibsError.notFound("task", id) }
        try tx.record(
            type, workspace: task.workspaceID, task: id, account: caller.account.id)
        return after
    }

    /// Wants the task no more, nor an answer to its questions.
    func cancel() throws -> AgentTask {
        _ = try apply(.cancel, .taskCancelled)
        try Questions.withdraw(from: id, in: tx)
        if let holder = try Self.holder(of: id, in: tx) { tx.say(to: holder.id) }
        return try reread()
    }

    /// Puts the task back in the queue with all its attempts; where it has reached a limit, a
    /// person is asked again.
    func putBack(_ event: TaskEvent, _ type: EventType) throws -> AgentTask {
        let task = try apply(event, type) {
            $0.attempts = 0
            $0.notBefore = nil
            $0.archivedAt = nil
        }
        try needNoLease()
        let lane = try Lanes.intern(for: task, in: tx)
        try tx.execute("UPDATE tasks SET lane_id = \(lane) WHERE id = \(id)")
        let last = try Worker.where { $0.taskID == id }.order { $0.createdAt.descending }
            .first(in: tx)
        if let last { try TaskLimits.askWhereReached(task, last, in: tx) }
        let after = try reread()
        tx.open([after])
        return after
    }

    /// Accepts a result that waits for review.
    func approve() throws -> AgentTask {
        try Dependencies.lockForCompletion(seen.workspaceID, in: tx)
        let task = try apply(.approve, .taskApproved)
        try Dependencies.completed(task.id, in: tx)
        return task
    }

    private func reread() throws -> AgentTask { try caller.task(id, in: tx) }

    /// Throws while a worker still holds the task it is about to be given back from.
    private func needNoLease() throws {
        let holder = try tx.rows(
            "SELECT worker_id FROM leases WHERE task_id = \(id)", as: Worker.ID.self)
        guard let holder = holder.first else { return }
        throw DibsError(
            .illegalTransition, "Its last worker has not ended yet.",
            details: ["holder": "\(holder)"],
            hint: "It was told to stop; try again when it has, or when its lease has run out.")
    }

    /// Takes the task from its worker and puts it back in the queue.
    func release() throws -> AgentTask {
        guard let worker = try Self.holder(of: id, in: tx) else {
            _ = try seen.status.afterOrThrow(.giveBack)
            throw DibsError.notFound("live worker of the task", id)
        }
        _ = try AccountRoom.locked(worker.accountID, in: tx)
        try AttemptEnd.lockPlace(of: worker, in: tx)
        try AttemptEnd(worker: worker, outcome: .failed(.released, error: nil), tx: tx).run()
        return try reread()
    }
}

extension Engine {
    package func cancelTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask {
        try await change(id, "cancel", as: caller) { try $0.cancel() }
    }

    package func retryTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask {
        try await change(id, "retry", as: caller) { try $0.putBack(.retry, .taskRetried) }
    }

    package func releaseTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask {
        try await change(id, "release", as: caller, allow: TaskChange.releasable) {
            try $0.release()
        }
    }

    package func approveTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask {
        try await change(id, "approve", as: caller) { try $0.approve() }
    }

    package func rejectTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask {
        try await change(id, "reject", as: caller) { try $0.putBack(.reject, .taskRejected) }
    }

    private func change(
        _ id: Identifier<AgentTask>, _ verb: String, as caller: Credential,
        allow: @escaping @Sendable (AgentTask.ID, Caller, Transaction) throws -> AgentTask =
            TaskChange.reviewable,
        _ act: @escaping @Sendable (TaskChange) throws -> AgentTask
    ) async throws -> AgentTask {
        let recall = Recall<AgentTask>.row { try $0.task($1, in: $2) }
        let operation = "POST tasks/\(id)/\(verb)"
        return try await writeOnce(operation, NoBody(), as: caller, recall: recall) {
            try allow(id, $1, $0)
        } act: { tx, caller, task in
            try act(TaskChange(seen: task, caller: caller, tx: tx))
        }
    }
}
