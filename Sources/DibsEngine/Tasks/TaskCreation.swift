package import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Makes a task: checks what was sent, finds its lane, counts what it waits for.
struct TaskCreation {
    let new: NewTask
    let caller: Caller
    let tx: Transaction

    /// The task, its dependencies and its event, all in the caller's transaction.
    func run() throws -> AgentTask {
        try caller.needAccount()
        try checkFields()
        let workspace = try caller.creatable(new.workspaceID, in: tx)
        try checkReferences(in: workspace)
        try checkKeys()
        if !new.dependsOn.isEmpty { try Dependencies.lock(workspace.id, in: tx) }
        let lane = try Lanes.intern(for: new, in: tx)
        let open = try Dependencies.open(new.dependsOn, in: workspace.id, tx)
        let now = try tx.now()
        let task = try insert(lane: lane, openDependencies: open, now: now)
        for blocker in Set(new.dependsOn) {
            _ = try tx.insert(TaskDependency.self) {
                $0.taskID = task.id
                $0.dependsOnID = blocker
            }
        }
        try tx.record(
            .taskCreated, workspace: workspace.id, task: task.id, account: caller.account.id)
        tx.open([task])
        return task
    }

    private func insert(
        lane: Lane.ID, openDependencies: Int, now: Date
    ) throws -> AgentTask {
        let new = new
        return try tx.insert(AgentTask.self) {
            $0.workspaceID = new.workspaceID
            $0.laneID = lane
            $0.sourceID = new.sourceID
            $0.externalID = new.externalID
            $0.externalURL = new.externalURL
            $0.title = new.title
            $0.description = new.description
            $0.context = new.context
            $0.priority = new.priority
            $0.runnerPreference = new.runnerPreference
            $0.requiredCapabilities = new.requiredCapabilities
            $0.maxAttempts = new.maxAttempts
            $0.notBefore = new.notBefore.flatMap { $0 > now ? $0 : nil }
            $0.openDependencies = openDependencies
            $0.dedupeKey = new.dedupeKey
            $0.parentTaskID = new.parentTaskID
            $0.maxCost = new.maxCost
            $0.maxTokens = new.maxTokens
            $0.maxDurationSeconds = new.maxDurationSeconds
            $0.needsReview = new.needsReview
            $0.createdAt = now
            $0.updatedAt = now
        }
    }

    /// Throws `duplicate`, with the open task that has one of its keys already.
    ///
    /// Of two at once the unique indexes refuse the later one.
    private func checkKeys() throws {
        if let key = new.dedupeKey {
            let there = AgentTask.where {
                $0.workspaceID == new.workspaceID
                $0.dedupeKey == key
                $0.status.in([.pending, .assigned, .inProgress, .review])
            }
            if let task = try there.first(in: tx) { throw DibsError.duplicateTask(task.id) }
        }
        if let source = new.sourceID, let external = new.externalID {
            let there = AgentTask.where {
                $0.sourceID == source; $0.externalID == external
            }
            if let task = try there.first(in: tx) { throw DibsError.duplicateTask(task.id) }
        }
    }

    private func checkFields() throws {
        try Check.length(new.title, 1...500, "title")
        try Check.length(new.description, 0...100_000, "description")
        try Check.object(new.context, "context")
        try Check.range(new.priority, -1000...1000, "priority")
        try Check.range(new.maxAttempts, 1...100, "maxAttempts")
        try Check.atLeastOne(new.maxDurationSeconds, "maxDurationSeconds")
        try Check.notNegative(new.maxCost, "maxCost")
        try Check.tokens(new.maxTokens)
        try new.dedupeKey.map { try Check.length($0, 1...255, "dedupeKey") }
        try new.externalID.map { try Check.length($0, 1...255, "externalId") }
        try new.externalURL.map { try Check.length($0, 1...2000, "externalUrl") }
        try Check.range(new.dependsOn.count, 0...Dependencies.limit, "dependsOn")
    }

    private func checkReferences(in workspace: Workspace) throws {
        if let source = new.sourceID {
            let found = try Source.where {
                $0.id == source; $0.workspaceID == workspace.id
            }
            .first(in: tx)
            guard found != nil else { throw DibsError.notFound("source", source) }
        }
        if let parent = new.parentTaskID { _ = try caller.task(parent, in: tx) }
    }
}

extension Engine {
    package func createTask(_ new: NewTask, as caller: Credential) async throws -> AgentTask {
        try await writeOnce("POST tasks", new, as: caller, recall: .row) { tx, caller in
            try TaskCreation(new: new, caller: caller, tx: tx).run()
        }
    }
}
