/// What can be asked to come with a task.
package enum TaskPart: String, Sendable, CaseIterable, Codable {
    case workspace, artifacts, workers
}

/// A task and what was asked to come with it; what was not asked for is absent, not empty.
package struct TaskView: Sendable, Hashable, Codable {
    /// The task; on the wire its fields and the parts stand side by side.
    package var task: AgentTask
    /// Where it is, if asked for.
    package var workspace: Workspace?
    /// What its workers left, oldest first, if asked for.
    package var artifacts: [Artifact]?
    /// Its attempts, oldest first, if asked for.
    package var workers: [Worker]?

    /// A task with its parts.
    package init(
        task: AgentTask, workspace: Workspace? = nil, artifacts: [Artifact]? = nil,
        workers: [Worker]? = nil
    ) {
        self.task = task
        self.workspace = workspace
        self.artifacts = artifacts
        self.workers = workers
    }

    /// The wire's names of the parts.
    package enum CodingKeys: String, CodingKey, CaseIterable { case workspace, artifacts, workers }

    package init(from decoder: any Decoder) throws {
        task = try AgentTask(from: decoder)
        let box = try decoder.container(keyedBy: CodingKeys.self)
        workspace = try box.decodeIfPresent(Workspace.self, forKey: .workspace)
        artifacts = try box.decodeIfPresent([Artifact].self, forKey: .artifacts)
        workers = try box.decodeIfPresent([Worker].self, forKey: .workers)
    }

    package func encode(to encoder: any Encoder) throws {
        try task.encode(to: encoder)
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encodeIfPresent(workspace, forKey: .workspace)
        try box.encodeIfPresent(artifacts, forKey: .artifacts)
        try box.encodeIfPresent(workers, forKey: .workers)
    }
}
