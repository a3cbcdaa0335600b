package import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

/// Changes what a task says, waits for and may cost, or puts a closed one away.
struct TaskEdit {
    /// The task as it was seen when the caller was found to have the right, before any lock.
    let seen: AgentTask
    let change: TaskUpdate
    let caller: Caller
    let tx: Transaction

    /// The task as it is after; when it throws, nothing has changed.
    func run() throws -> AgentTask {
        let id = seen.id
        let (add, drop) = (change.addDependsOn ?? [], change.dropDependsOn ?? [])
        let hasEdges = !add.isEmpty || !drop.isEmpty
        if hasEdges { try Dependencies.lock(seen.workspaceID, in: tx) }
        guard let task = try TaskRow.locked(id, in: tx) else {
            throw DibsError.notFound("task", id)
        }
        if change.archived == true, !task.status.isClosed {
            throw DibsError(
                .illegalTransition, "Only a closed task can be put away.",
                details: ["status": task.status.rawValue],
                hint: "Cancel it first: dibs task cancel \(id).")
        }
        let changed = try store(task)
        if hasEdges { try Dependencies.change(changed, add: add, drop: drop, in: tx) }
        try settleLimits(of: changed)
        try tx.record(
            .taskUpdated, workspace: task.workspaceID, task: id, account: caller.account.id,
            data: ["changed": .array(change.names.map { .string($0) })])
        let told = change.names.filter(Self.concernsWorker.contains)
        if !told.isEmpty {
            try Instructions.tell(
                "A person has changed this task (\(told.joined(separator: ", "))): read it again.",
                on: id, by: caller.account.id, in: tx)
        }
        let after = try caller.task(id, in: tx)
        tx.open([after])
        return after
    }

    /// Fields that a worker has to know of while it is at work.
    private static let concernsWorker: Set = [
        "title", "description", "maxCost", "maxTokens", "maxDurationSeconds",
    ]

    private func store(_ task: AgentTask) throws -> AgentTask {
        let (change, now) = (change, try tx.now())
        let changed = try tx.update(AgentTask.self) {
            if let title = change.title { $0.title = title }
            if let text = change.description { $0.description = text }
            if let priority = change.priority { $0.priority = priority }
            if let count = change.maxAttempts { $0.maxAttempts = count }
            if let limit = change.maxCost { $0.maxCost = limit.value }
            if let limit = change.maxTokens { $0.maxTokens = limit.value }
            if let limit = change.maxDurationSeconds { $0.maxDurationSeconds = limit.value }
            if let archived = change.archived { $0.archivedAt = archived ? now : nil }
            $0.updatedAt = now
        } where: {
            $0.id == task.id
        }
        return changed.first ?? task
    }

    /// With new limits the task waits in another lane, and a limit that asked asks no more when it
    /// is not reached any more.
    private func settleLimits(of task: AgentTask) throws {
        let limits: [Any?] = [change.maxCost, change.maxTokens, change.maxDurationSeconds]
        guard limits.contains(where: { $0 != nil }) else { return }
        let lane = try Lanes.intern(for: task, in: tx)
        try tx.execute("UPDATE tasks SET lane_id = \(lane) WHERE id = \(task.id)")
        let use = try TaskLimits.use(of: task, at: tx.now(), in: tx)
        if TaskLimits.reached(task, use) == nil {
            try Questions.withdraw(.limit, from: task.id, in: tx)
        }
    }
}

extension TaskUpdate {
    /// The fields that it changes, by their names on the wire.
    fileprivate var names: [String] {
        let fields: [(CodingKeys, Any?)] = [
            (.title, title), (.description, description), (.priority, priority),
            (.maxAttempts, maxAttempts), (.maxCost, maxCost), (.maxTokens, maxTokens),
            (.maxDurationSeconds, maxDurationSeconds), (.addDependsOn, addDependsOn),
            (.dropDependsOn, dropDependsOn), (.archived, archived),
        ]
        return fields.filter { $0.1 != nil }.map(\.0.rawValue)
    }
}

extension Engine {
    package func updateTask(
        _ id: Identifier<AgentTask>, _ change: TaskUpdate, as caller: Credential
    ) async throws -> AgentTask {
        try change.check()
        return try await write(as: caller) { tx, caller in
            let seen = try TaskChange.reviewable(id, by: caller, in: tx)
            return try TaskEdit(seen: seen, change: change, caller: caller, tx: tx).run()
        }
    }
}
