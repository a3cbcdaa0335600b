internal import DibsJSON

/// A part that can be asked to come with a task.
package enum TaskPart: String, Sendable, CaseIterable, Codable {
    case workspace, artifacts, workers
    /// Tasks that it still waits for.
    case blockers
    /// Its description, context and result; one task by its id has them anyway.
    case details
}

/// A task that another one waits for.
package struct Blocker: Sendable, Hashable, Codable {
    /// Which one.
    package var id: Identifier<AgentTask>
    /// Its title.
    package var title: String
    /// The place in its life; failed or cancelled, it keeps the other one waiting for ever.
    package var status: TaskStatus

    /// A task in short.
    package init(id: Identifier<AgentTask>, title: String, status: TaskStatus) {
        (self.id, self.title, self.status) = (id, title, status)
    }

    /// Whether nothing that goes on by itself will complete it.
    package var isDead: Bool { status == .failed || status == .cancelled }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable { case id, title, status }
}

/// A task and what was asked to come with it; what was not asked for is absent, not empty.
///
/// A list of parts has an end, and the count beside it says how many there are in all.
package struct TaskView: Sendable, Hashable, Codable {
    /// The task; on the wire its fields and the parts stand side by side.
    package var task: AgentTask
    /// Whether description, context and result were read; on the wire they are absent otherwise.
    package var hasDetails = true
    /// The workspace it is in, if asked for.
    package var workspace: Workspace?
    /// The newest of what its workers left, oldest first, without contents, if asked for.
    package var artifacts: [Artifact]?
    /// Artifacts in all, where they were asked for.
    package var artifactCount: Int?
    /// The newest of its attempts, oldest first, if asked for; milestones have the newest of one
    /// task only.
    package var workers: [Worker]?
    /// Attempts in all, where they were asked for.
    package var workerCount: Int?
    /// The first of what it waits for, those first that need a person, if asked for; the task's
    /// `openDependencies` says how many there are.
    package var blockers: [Blocker]?

    /// So many artifacts and attempts come with one task.
    package static let partsOfOne = 100
    /// So many come with each task of a list.
    package static let partsOfEach = 3
    /// So many attempts of one task have their milestones.
    package static let attemptsTold = 10
    /// So many blockers come with a task.
    package static let blockersOfEach = 5
    /// So many tasks a page has at most when they come with their details.
    package static let pageWithDetails = 10

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
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case workspace, artifacts, artifactCount, workers, workerCount, blockers
    }

    private static let details: [(name: String, blank: JSON)] = [
        (AgentTask.CodingKeys.description.rawValue, ""),
        (AgentTask.CodingKeys.context.rawValue, [:]),
    ]

    package init(from decoder: any Decoder) throws {
        let json = try JSON(from: decoder)
        var members: [String: JSON] = [:]
        if case .object(let some) = json { members = some }
        hasDetails = Self.details.allSatisfy { members[$0.name] != nil }
        for detail in Self.details where members[detail.name] == nil {
            members[detail.name] = detail.blank
        }
        task = try JSONValueDecoder(.object(members)).decode(AgentTask.self)
        let box = try decoder.container(keyedBy: CodingKeys.self)
        workspace = try box.decodeIfPresent(Workspace.self, forKey: .workspace)
        artifacts = try box.decodeIfPresent([Artifact].self, forKey: .artifacts)
        artifactCount = try box.decodeIfPresent(Int.self, forKey: .artifactCount)
        workers = try box.decodeIfPresent([Worker].self, forKey: .workers)
        workerCount = try box.decodeIfPresent(Int.self, forKey: .workerCount)
        blockers = try box.decodeIfPresent([Blocker].self, forKey: .blockers)
    }

    package func encode(to encoder: any Encoder) throws {
        guard case .object(var members) = try task.asJSON else {
            preconditionFailure("a task is an object")
        }
        if !hasDetails { for detail in Self.details { members[detail.name] = nil } }
        members[CodingKeys.workspace.rawValue] = try workspace?.asJSON
        members[CodingKeys.artifacts.rawValue] = try artifacts?.asJSON
        members[CodingKeys.artifactCount.rawValue] = try artifactCount?.asJSON
        members[CodingKeys.workers.rawValue] = try workers?.asJSON
        members[CodingKeys.workerCount.rawValue] = try workerCount?.asJSON
        members[CodingKeys.blockers.rawValue] = try blockers?.asJSON
        try JSON.object(members).encode(to: encoder)
    }
}
