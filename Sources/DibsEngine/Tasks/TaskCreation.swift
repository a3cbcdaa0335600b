package import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Makes a task: checks what was sent, finds its lane, counts what it waits for.
struct TaskCreation {
    let new: NewTask
    /// The workspace in which the caller may create.
    let workspace: Workspace
    let caller: Caller
    let tx: Transaction

    /// The task, its dependencies and its event, all in the caller's transaction.
    func run() throws -> AgentTask {
        try checkReferences()
        try checkKeys()
        if !new.dependsOn.isEmpty { try Dependencies.lock(workspace.id, in: tx) }
        let lane = try Lanes.intern(for: new, in: tx)
        try new.parentTaskID.map { try Lock.hold($0, in: tx) }
        let open = try Dependencies.open(new.dependsOn, in: workspace.id, tx)
        let now = try tx.now()
        let task = try insert(lane: lane, openDependencies: open, now: now)
        try Dependencies.add(new.dependsOn, to: task.id, in: tx)
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
        let open = AgentTask.where { $0.status.in(TaskStatus.open) }
        if let key = new.dedupeKey {
            let there = open.where {
                $0.workspaceID == new.workspaceID; $0.dedupeKey == key
            }
            if let task = try there.first(in: tx) { throw DibsError.duplicateTask(task.id) }
        }
        if let source = new.sourceID, let external = new.externalID {
            let there = open.where {
                $0.sourceID == source; $0.externalID == external
            }
            if let task = try there.first(in: tx) { throw DibsError.duplicateTask(task.id) }
        }
    }

    private func checkReferences() throws {
        if let source = new.sourceID {
            let found = try Source.where {
                $0.id == source; $0.workspaceID == workspace.id
            }
            .first(in: tx)
            guard found != nil else { throw DibsError.notFound("source", source) }
        }
        if let parent = new.parentTaskID {
            let task = try caller.task(parent, in: tx)
            guard task.workspaceID == workspace.id else { throw DibsError.notFound("task", parent) }
        }
    }
}

extension Engine {
    package func createTask(_ new: NewTask, as caller: Credential) async throws -> AgentTask {
        let recall = Recall<AgentTask>.row { try $0.task($1, in: $2) }
        return try await writeOnce("POST tasks", new, as: caller, recall: recall) {
            try $1.creatable(new.workspaceID, in: $0)
        } act: { tx, caller, workspace in
            try TaskCreation(new: new, workspace: workspace, caller: caller, tx: tx).run()
        }
    }
}
