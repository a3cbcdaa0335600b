package import DibsCore
internal import DibsData
internal import DibsSchema

/// What a person does to a task.
struct TaskChange {
    let id: AgentTask.ID
    let caller: Caller
    let tx: Transaction

    /// Makes the event happen to the locked task; throws `illegal_transition` when it cannot.
    func apply(
        _ event: TaskEvent, _ type: EventType,
        also change: (inout Changes<AgentTask>) -> Void = { _ in }
    ) throws -> AgentTask {
        _ = try allow()
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

    /// Throws `not_found` or `forbidden` unless the caller may change tasks of this workspace.
    func allow() throws -> AgentTask {
        try caller.needAccount()
        let task = try caller.task(id, in: tx)
        _ = try caller.creatable(task.workspaceID, in: tx)
        return task
    }

    /// Wants the task no more, nor an answer to its questions.
    func cancel() throws -> AgentTask {
        _ = try apply(.cancel, .taskCancelled)
        try Questions.withdraw(from: id, in: tx)
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
        try Dependencies.lockForCompletion(allow().workspaceID, in: tx)
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
        try caller.needAccount()
        let task = try caller.task(id, in: tx)
        let holder = try tx.rows(
            "SELECT worker_id FROM leases WHERE task_id = \(id)", as: Worker.ID.self)
        guard let holder = holder.first else {
            _ = try task.status.afterOrThrow(.giveBack)
            throw DibsError.notFound("live worker of the task", id)
        }
        let worker = try WorkerAccess.writable(holder, by: caller, in: tx)
        _ = try AccountRoom.locked(worker.accountID, in: tx)
        try AttemptEnd.lockPlace(of: worker, in: tx)
        try AttemptEnd(worker: worker, outcome: .failed(.released, error: nil), tx: tx).run()
        return try caller.task(id, in: tx)
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
        try await change(id, "release", as: caller) { try $0.release() }
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
        _ body: @escaping @Sendable (TaskChange) throws -> AgentTask
    ) async throws -> AgentTask {
        let operation = "POST tasks/\(id)/\(verb)"
        return try await writeOnce(operation, [String](), as: caller, recall: .row) { tx, caller in
            try body(TaskChange(id: id, caller: caller, tx: tx))
        }
    }
}
