package import DibsJSON
package import Foundation

/// A worker's word on itself; a field that is nil stays as it was.
///
/// Costs and counts are cumulative for this worker: a lower one later is ignored.
package struct Report: Sendable, Hashable, Codable {
    /// The present status.
    package var status: WorkerStatus?
    /// 0…100.
    package var progress: Int?
    /// The present action, in a few words.
    package var currentAction: String?
    /// Steps done since the last report, at most 50, a line each; appended.
    package var milestones: [String]?
    /// The question it waits on; with `waiting_input`, where it is needed.
    package var waitingFor: WaitingFor?
    /// US dollars so far.
    package var costUSD: USD?
    /// Tokens read so far.
    package var inputTokens: Int?
    /// Tokens written so far.
    package var outputTokens: Int?
    /// Turns of the agent so far.
    package var turns: Int?
    /// The error; with `error`.
    package var error: String?
    /// Class of the failure; with `error`, `agent_failed` unless said.
    package var failureClass: FailureClass?
    /// Seconds until its provider will take it again, 1…3600; with `rate_limited`, 60 unless said.
    package var retryAfterSeconds: Int?
    /// The result; with `completed`.
    package var result: JSON?
    /// The pull request it opened, an `http` or `https` address.
    package var pullRequestURL: String?
    /// The branch that its commits are on, where that is not the one of its claim.
    package var branch: String?
    /// Commits on its branch.
    package var commits: Int?
    /// Files its commits changed.
    package var filesChanged: Int?
    /// Lines its commits added.
    package var linesAdded: Int?
    /// Lines its commits removed.
    package var linesRemoved: Int?
    /// Things its runner noticed and could not help, at most 20, a line of 500 characters each;
    /// appended, each once.
    package var warnings: [String]?
    /// Rising, from 1, by at most 1,000,000 at a time; the same report with the same number again
    /// is answered and changes nothing, another one at or below the last is `sequence_reused`.
    package var sequence: Int?

    /// Only what differs from the defaults need be said.
    package init(
        status: WorkerStatus? = nil, progress: Int? = nil, currentAction: String? = nil,
        milestones: [String]? = nil, waitingFor: WaitingFor? = nil, costUSD: USD? = nil,
        inputTokens: Int? = nil, outputTokens: Int? = nil, turns: Int? = nil,
        error: String? = nil, failureClass: FailureClass? = nil, retryAfterSeconds: Int? = nil,
        result: JSON? = nil,
        pullRequestURL: String? = nil, branch: String? = nil, commits: Int? = nil,
        filesChanged: Int? = nil, linesAdded: Int? = nil, linesRemoved: Int? = nil,
        warnings: [String]? = nil, sequence: Int? = nil
    ) {
        self.status = status
        self.progress = progress
        self.currentAction = currentAction
        self.milestones = milestones
        self.waitingFor = waitingFor
        self.costUSD = costUSD
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.turns = turns
        self.error = error
        self.failureClass = failureClass
        self.retryAfterSeconds = retryAfterSeconds
        self.result = result
        self.pullRequestURL = pullRequestURL
        self.branch = branch
        self.commits = commits
        self.filesChanged = filesChanged
        self.linesAdded = linesAdded
        self.linesRemoved = linesRemoved
        self.warnings = warnings
        self.sequence = sequence
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case status, progress, currentAction, milestones, waitingFor
        case costUSD = "costUsd"
        case inputTokens, outputTokens, turns, error, failureClass, retryAfterSeconds, result
        case pullRequestURL = "prUrl"
        case branch, commits, filesChanged, linesAdded, linesRemoved, warnings, sequence
    }
}

/// The answer to a report.
package struct ReportAnswer: Sendable, Hashable, Codable {
    /// The worker as it is now.
    package var worker: Worker
    /// Until when its task is its own; nil once it has ended.
    package var leaseExpiresAt: Date?
    /// Money its account may still spend today; nil is no limit.
    package var remainingToday: USD?
    /// The worker's cost at which it should begin to wrap up; nil is no limit.
    package var stopAt: USD?
    /// Messages of people, oldest first, at most the newest 50; each is given until the
    /// worker reports again after an answer that had it.
    package var instructions: [String]
    /// The answers to its questions, oldest first, while it waits; at most the newest 50.
    package var answers: [Question]
    /// Answers before those, which were left out; nil is none.
    package var answersLeftOut: Int?
    /// The sum of costs out of all proportion that it told: a person decides on them, and they
    /// count nowhere yet; nil is none.
    package var parked: USD?
    /// The reason why it must end now; nil is go on.
    package var stop: StopReason?
    /// Digest of `stop`, `instructions` and `answers`, by which a heartbeat that waits says what
    /// its worker has heard; nil when nothing is said.
    package var said: String?

    /// Only what differs from the defaults need be said.
    package init(
        worker: Worker, leaseExpiresAt: Date? = nil, remainingToday: USD? = nil,
        stopAt: USD? = nil, instructions: [String] = [], answers: [Question] = [],
        answersLeftOut: Int? = nil, parked: USD? = nil, stop: StopReason? = nil,
        said: String? = nil
    ) {
        self.worker = worker
        self.leaseExpiresAt = leaseExpiresAt
        self.remainingToday = remainingToday
        self.stopAt = stopAt
        self.instructions = instructions
        self.answers = answers
        self.answersLeftOut = answersLeftOut
        self.parked = parked
        self.stop = stop
        self.said = said
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case worker, leaseExpiresAt, remainingToday, stopAt, instructions, answers
        case answersLeftOut, parked, stop, said
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        worker = try box.decode(Worker.self, forKey: .worker)
        leaseExpiresAt = try box.decodeIfPresent(Date.self, forKey: .leaseExpiresAt)
        remainingToday = try box.decodeIfPresent(USD.self, forKey: .remainingToday)
        stopAt = try box.decodeIfPresent(USD.self, forKey: .stopAt)
        answers = try box.decodeIfPresent([Question].self, forKey: .answers) ?? []
        instructions = try box.decodeIfPresent([String].self, forKey: .instructions) ?? []
        answersLeftOut = try box.decodeIfPresent(Int.self, forKey: .answersLeftOut)
        parked = try box.decodeIfPresent(USD.self, forKey: .parked)
        stop = try box.decodeIfPresent(StopReason.self, forKey: .stop)
        said = try box.decodeIfPresent(String.self, forKey: .said)
    }
}

/// A request to add an artifact.
package struct NewArtifact: Sendable, Hashable, Codable {
    /// The kind of thing it is.
    package var type: ArtifactType
    /// One line, 1 to 500 characters.
    package var title: String
    /// The thing itself, at most 1 MiB of text.
    package var content: String?
    /// The place where it is kept, when not in `content`.
    package var storageKey: String?
    /// Whatever else is known of it, an object.
    package var metadata: JSON

    /// Only what differs from the defaults need be said.
    package init(
        type: ArtifactType, title: String, content: String? = nil, storageKey: String? = nil,
        metadata: JSON = JSON.object([:])
    ) {
        self.type = type
        self.title = title
        self.content = content
        self.storageKey = storageKey
        self.metadata = metadata
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case type, title, content, storageKey, metadata
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        type = try box.decode(ArtifactType.self, forKey: .type)
        title = try box.decode(String.self, forKey: .title)
        content = try box.decodeIfPresent(String.self, forKey: .content)
        storageKey = try box.decodeIfPresent(String.self, forKey: .storageKey)
        metadata = try box.decodeIfPresent(JSON.self, forKey: .metadata) ?? JSON.object([:])
    }
}

/// Which workers are wanted; what is nil does not matter.
package struct WorkerFilter: Sendable, Hashable {
    /// Only those of one workspace.
    package var workspaceID: Identifier<Workspace>?
    /// Only those of one task.
    package var taskID: Identifier<AgentTask>?
    /// Only those that live, or only those that ended.
    package var live: Bool?

    /// Only what differs from the defaults need be said.
    package init(
        workspaceID: Identifier<Workspace>? = nil, taskID: Identifier<AgentTask>? = nil,
        live: Bool? = nil
    ) {
        self.workspaceID = workspaceID
        self.taskID = taskID
        self.live = live
    }
}
