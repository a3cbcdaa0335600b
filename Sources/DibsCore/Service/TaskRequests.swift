package import DibsJSON
package import Foundation

/// A request to make a task; only the first two are needed.
package struct NewTask: Sendable, Hashable, Codable {
    /// The workspace of the work.
    package var workspaceID: Identifier<Workspace>
    /// One line, 1 to 500 characters.
    package var title: String
    /// The work to do, Markdown, at most 100,000 characters.
    package var description: String
    /// Whatever else the agent should know, an object of at most 64 KiB.
    package var context: JSON
    /// −1000…1000; a point is an hour's head start.
    package var priority: Int
    /// Which type of account may take it.
    package var runnerPreference: RunnerPreference
    /// Capabilities its runner must offer, all of them.
    package var requiredCapabilities: Capabilities
    /// Tasks that must be completed first, at most 1,000.
    package var dependsOn: [Identifier<AgentTask>]
    /// Not to be claimed before.
    package var notBefore: Date?
    /// 1…100, after which it has failed.
    package var maxAttempts: Int
    /// US dollars over all its attempts; nil is no limit.
    package var maxCost: USD?
    /// Tokens over all its attempts, at least 1; nil is no limit.
    package var maxTokens: Int?
    /// Seconds over all its attempts, at least 1; nil is 24 hours for each.
    package var maxDurationSeconds: Int?
    /// Whether a person approves the result.
    package var needsReview: Bool
    /// Unique in its workspace while the task is open.
    package var dedupeKey: String?
    /// The task that spawned it, of the same workspace.
    package var parentTaskID: Identifier<AgentTask>?
    /// The source it came from.
    package var sourceID: Identifier<Source>?
    /// Its id in that source, unique there while the task is open; needs `sourceID`.
    package var externalID: String?
    /// The address at which people read it there, http or https.
    package var externalURL: String?

    /// Only what differs from the defaults need be said.
    package init(
        workspaceID: Identifier<Workspace>, title: String, description: String = "",
        context: JSON = JSON.object([:]), priority: Int = 0,
        runnerPreference: RunnerPreference = .any, requiredCapabilities: Capabilities = .none,
        dependsOn: [Identifier<AgentTask>] = [], notBefore: Date? = nil, maxAttempts: Int = 3,
        maxCost: USD? = nil, maxTokens: Int? = nil, maxDurationSeconds: Int? = nil,
        needsReview: Bool = false,
        dedupeKey: String? = nil, parentTaskID: Identifier<AgentTask>? = nil,
        sourceID: Identifier<Source>? = nil, externalID: String? = nil,
        externalURL: String? = nil
    ) {
        self.workspaceID = workspaceID
        self.title = title
        self.description = description
        self.context = context
        self.priority = priority
        self.runnerPreference = runnerPreference
        self.requiredCapabilities = requiredCapabilities
        self.dependsOn = dependsOn
        self.notBefore = notBefore
        self.maxAttempts = maxAttempts
        self.maxCost = maxCost
        self.maxTokens = maxTokens
        self.maxDurationSeconds = maxDurationSeconds
        self.needsReview = needsReview
        self.dedupeKey = dedupeKey
        self.parentTaskID = parentTaskID
        self.sourceID = sourceID
        self.externalID = externalID
        self.externalURL = externalURL
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case workspaceID = "workspaceId"
        case title, description, context, priority
        case runnerPreference, requiredCapabilities, dependsOn, notBefore, maxAttempts, maxCost
        case maxTokens, maxDurationSeconds, needsReview, dedupeKey
        case parentTaskID = "parentTaskId"
        case sourceID = "sourceId"
        case externalID = "externalId"
        case externalURL = "externalUrl"
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        workspaceID = try box.decode(Identifier<Workspace>.self, forKey: .workspaceID)
        title = try box.decode(String.self, forKey: .title)
        description = try box.decodeIfPresent(String.self, forKey: .description) ?? ""
        context = try box.decodeIfPresent(JSON.self, forKey: .context) ?? JSON.object([:])
        priority = try box.decodeIfPresent(Int.self, forKey: .priority) ?? 0
        runnerPreference =
            try box.decodeIfPresent(RunnerPreference.self, forKey: .runnerPreference) ?? .any
        requiredCapabilities =
            try box.decodeIfPresent(Capabilities.self, forKey: .requiredCapabilities) ?? .none
        dependsOn = try box.decodeIfPresent([Identifier<AgentTask>].self, forKey: .dependsOn) ?? []
        notBefore = try box.decodeIfPresent(Date.self, forKey: .notBefore)
        maxAttempts = try box.decodeIfPresent(Int.self, forKey: .maxAttempts) ?? 3
        maxCost = try box.decodeIfPresent(USD.self, forKey: .maxCost)
        maxTokens = try box.decodeIfPresent(Int.self, forKey: .maxTokens)
        maxDurationSeconds = try box.decodeIfPresent(Int.self, forKey: .maxDurationSeconds)
        needsReview = try box.decodeIfPresent(Bool.self, forKey: .needsReview) ?? false
        dedupeKey = try box.decodeIfPresent(String.self, forKey: .dedupeKey)
        parentTaskID = try box.decodeIfPresent(Identifier<AgentTask>.self, forKey: .parentTaskID)
        sourceID = try box.decodeIfPresent(Identifier<Source>.self, forKey: .sourceID)
        externalID = try box.decodeIfPresent(String.self, forKey: .externalID)
        externalURL = try box.decodeIfPresent(String.self, forKey: .externalURL)
    }
}

/// Which tasks are wanted; what is nil does not matter.
package struct TaskFilter: Sendable, Hashable {
    /// Only those of one workspace.
    package var workspaceID: Identifier<Workspace>?
    /// Only those in one state.
    package var status: TaskStatus?
    /// Only those that were put away, or only those that were not.
    package var archived: Bool
    /// Parts that come with each.
    package var parts: Set<TaskPart>

    /// Only what differs from the defaults need be said.
    package init(
        workspaceID: Identifier<Workspace>? = nil, status: TaskStatus? = nil,
        archived: Bool = false, parts: Set<TaskPart> = []
    ) {
        self.workspaceID = workspaceID
        self.status = status
        self.archived = archived
        self.parts = parts
    }
}

/// Changes of a task; what is nil stays.
package struct TaskUpdate: Sendable, Hashable, Codable {
    /// One line, 1 to 500 characters.
    package var title: String?
    /// The work to do, Markdown, at most 100,000 characters.
    package var description: String?
    /// −1000…1000; a point is an hour's head start.
    package var priority: Int?
    /// 1…100, after which it has failed.
    package var maxAttempts: Int?
    /// US dollars over all its attempts; above what is spent it opens the task again.
    package var maxCost: Limit<USD>?
    /// Tokens over all its attempts.
    package var maxTokens: Limit<Int>?
    /// Seconds over all its attempts.
    package var maxDurationSeconds: Limit<Int>?
    /// Tasks of its workspace it is to wait for from now on, at most 1,000.
    package var addDependsOn: [Identifier<AgentTask>]?
    /// Tasks it is to wait for no more, at most 1,000 at a time.
    package var dropDependsOn: [Identifier<AgentTask>]?
    /// Puts a closed task away, or takes it out again.
    package var archived: Bool?

    /// Only what differs from the defaults need be said.
    package init(
        title: String? = nil, description: String? = nil, priority: Int? = nil,
        maxAttempts: Int? = nil, maxCost: Limit<USD>? = nil, maxTokens: Limit<Int>? = nil,
        maxDurationSeconds: Limit<Int>? = nil, addDependsOn: [Identifier<AgentTask>]? = nil,
        dropDependsOn: [Identifier<AgentTask>]? = nil, archived: Bool? = nil
    ) {
        self.title = title
        self.description = description
        self.priority = priority
        self.maxAttempts = maxAttempts
        self.maxCost = maxCost
        self.maxTokens = maxTokens
        self.maxDurationSeconds = maxDurationSeconds
        self.addDependsOn = addDependsOn
        self.dropDependsOn = dropDependsOn
        self.archived = archived
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case title, description, priority, maxAttempts, maxCost, maxTokens, maxDurationSeconds
        case addDependsOn, dropDependsOn, archived
    }
}
