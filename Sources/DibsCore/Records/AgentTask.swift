package import DibsJSON
package import Foundation

/// A piece of work in a workspace. (Swift has a `Task` of its own.)
package struct AgentTask: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<AgentTask>
    /// The workspace of the work.
    package var workspaceID: Identifier<Workspace>
    /// The lane in which it waits for its claim; the store's business, not on the wire.
    package var laneID: Identifier<Lane> = Identifier(zero: ())
    /// The source it came from; nil when typed in.
    package var sourceID: Identifier<Source>?
    /// Its id in that source; unique there while the task is open.
    package var externalID: String?
    /// The address at which people read it there.
    package var externalURL: String?
    /// One line, 1 to 500 characters.
    package var title: String
    /// The work to do, Markdown, at most 100,000 characters; blank in a list without details.
    package var description: String
    /// Whatever else the agent should know, an object; empty in a list without details.
    package var context: JSON
    /// The place in its life; see docs/STATES.md.
    package var status: TaskStatus
    /// −1000…1000; a point is an hour's head start in the queue.
    package var priority: Int
    /// Its place in the queue, the least first: `createdAt` less an hour a priority point.
    package var rank: Date = .distantPast
    /// Which kind of account may take it.
    package var runnerPreference: RunnerPreference
    /// Capabilities its runner must offer, all of them, at most 32.
    package var requiredCapabilities: Capabilities
    /// Whose worker has it now.
    package var claimedBy: Identifier<Account>?
    /// Moment at which that worker took it, UTC.
    package var claimedAt: Date?
    /// Moment at which its lease was to end as of the claim; the lease itself tells the present
    /// end.
    package var expiresAt: Date?
    /// Attempts that ended and count against `maxAttempts`.
    package var attempts: Int
    /// Attempts that ended in whatever way; at most ten times `maxAttempts`.
    package var ends: Int
    /// 1…100, after which it has failed.
    package var maxAttempts: Int
    /// Not to be claimed before; cleared when due.
    package var notBefore: Date?
    /// Tasks it waits for that are not completed.
    package var openDependencies: Int
    /// Questions a person has yet to answer.
    package var openQuestions: Int
    /// Unique in its workspace while the task is open.
    package var dedupeKey: String?
    /// The task that spawned it.
    package var parentTaskID: Identifier<AgentTask>?
    /// US dollars over all its attempts; nil is no limit.
    package var maxCost: USD?
    /// Tokens read and written over all its attempts; nil is no limit.
    package var maxTokens: Int?
    /// Seconds over all its attempts; nil is 24 hours for each.
    package var maxDurationSeconds: Int?
    /// Whether a person approves the result.
    package var needsReview: Bool
    /// The result its last worker left; nil in a list without details.
    package var result: JSON?
    /// Moment at which it was put away, UTC: lists leave it out.
    package var archivedAt: Date?
    /// Moment at which it was made, UTC.
    package var createdAt: Date
    /// Moment of its last change, UTC.
    package var updatedAt: Date

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<AgentTask>, workspaceID: Identifier<Workspace>, laneID: Identifier<Lane>,
        sourceID: Identifier<Source>?, externalID: String?, externalURL: String?, title: String,
        description: String, context: JSON, status: TaskStatus, priority: Int, rank: Date,
        runnerPreference: RunnerPreference, requiredCapabilities: Capabilities,
        claimedBy: Identifier<Account>?, claimedAt: Date?, expiresAt: Date?, attempts: Int,
        ends: Int, maxAttempts: Int, notBefore: Date?, openDependencies: Int, openQuestions: Int,
        dedupeKey: String?, parentTaskID: Identifier<AgentTask>?, maxCost: USD?,
        maxTokens: Int?, maxDurationSeconds: Int?, needsReview: Bool, result: JSON?,
        archivedAt: Date?, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.laneID = laneID
        self.sourceID = sourceID
        self.externalID = externalID
        self.externalURL = externalURL
        self.title = title
        self.description = description
        self.context = context
        self.status = status
        self.priority = priority
        self.rank = rank
        self.runnerPreference = runnerPreference
        self.requiredCapabilities = requiredCapabilities
        self.claimedBy = claimedBy
        self.claimedAt = claimedAt
        self.expiresAt = expiresAt
        self.attempts = attempts
        self.ends = ends
        self.maxAttempts = maxAttempts
        self.notBefore = notBefore
        self.openDependencies = openDependencies
        self.openQuestions = openQuestions
        self.dedupeKey = dedupeKey
        self.parentTaskID = parentTaskID
        self.maxCost = maxCost
        self.maxTokens = maxTokens
        self.maxDurationSeconds = maxDurationSeconds
        self.needsReview = needsReview
        self.result = result
        self.archivedAt = archivedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case workspaceID = "workspaceId"
        case sourceID = "sourceId"
        case externalID = "externalId"
        case externalURL = "externalUrl"
        case title, description, context, status, priority
        case runnerPreference, requiredCapabilities, claimedBy, claimedAt, expiresAt, attempts
        case ends, maxAttempts, notBefore, openDependencies, openQuestions, dedupeKey
        case parentTaskID = "parentTaskId"
        case maxCost, maxTokens, maxDurationSeconds, needsReview, result, archivedAt
        case createdAt, updatedAt
    }
}
