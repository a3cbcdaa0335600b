package import Foundation

/// A runner's request for tasks.
package struct ClaimRequest: Sendable, Hashable, Codable {
    /// Only from one workspace.
    package var workspaceID: Identifier<Workspace>?
    /// Only this task.
    package var taskID: Identifier<AgentTask>?
    /// Capabilities that the runner offers.
    package var capabilities: Capabilities
    /// 1…64; what fits is taken.
    package var maxTasks: Int
    /// The runner's own name, 1 to 200 characters.
    package var runner: String
    /// 0…60: how long to wait when there is nothing.
    package var waitSeconds: Int
    /// 60…3600; nil is the server's own.
    package var leaseSeconds: Int?

    /// Only what differs from the defaults need be said.
    package init(
        workspaceID: Identifier<Workspace>? = nil, taskID: Identifier<AgentTask>? = nil,
        capabilities: Capabilities = .none, maxTasks: Int = 1, runner: String,
        waitSeconds: Int = 0, leaseSeconds: Int? = nil
    ) {
        self.workspaceID = workspaceID
        self.taskID = taskID
        self.capabilities = capabilities
        self.maxTasks = maxTasks
        self.runner = runner
        self.waitSeconds = waitSeconds
        self.leaseSeconds = leaseSeconds
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case workspaceID = "workspaceId"
        case taskID = "taskId"
        case capabilities, maxTasks, runner
        case waitSeconds, leaseSeconds
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        workspaceID = try box.decodeIfPresent(Identifier<Workspace>.self, forKey: .workspaceID)
        taskID = try box.decodeIfPresent(Identifier<AgentTask>.self, forKey: .taskID)
        capabilities = try box.decodeIfPresent(Capabilities.self, forKey: .capabilities) ?? .none
        maxTasks = try box.decodeIfPresent(Int.self, forKey: .maxTasks) ?? 1
        runner = try box.decode(String.self, forKey: .runner)
        waitSeconds = try box.decodeIfPresent(Int.self, forKey: .waitSeconds) ?? 0
        leaseSeconds = try box.decodeIfPresent(Int.self, forKey: .leaseSeconds)
    }
}

/// A task that was taken: the worker that has it, and what it needs.
package struct ClaimedWorker: Sendable, Hashable, Codable {
    /// The worker.
    package var id: Identifier<Worker>
    /// Its task.
    package var taskID: Identifier<AgentTask>
    /// The git branch its commits go to.
    package var branch: String
    /// Until when the task is its own, unless it says more.
    package var leaseExpiresAt: Date
    /// Money its account may still spend today; nil is no limit.
    package var remainingToday: USD?
    /// The worker's cost at which it should begin to wrap up; nil is no limit.
    package var stopAt: USD?
    /// Answers that earlier attempts got, oldest first, at most the newest 50.
    package var answers: [Question]
    /// Answers before those, which were left out; nil is none.
    package var answersLeftOut: Int?
    /// The remains of the attempt before; nil for the first.
    package var salvage: Salvage?
    /// The token that the agent's process proves itself with; dies with the worker.
    package var token: String
    /// The task.
    package var task: AgentTask
    /// The workspace of the task.
    package var workspace: Workspace

    /// Only what differs from the defaults need be said.
    package init(
        id: Identifier<Worker>, taskID: Identifier<AgentTask>, branch: String,
        leaseExpiresAt: Date, remainingToday: USD? = nil, stopAt: USD? = nil,
        answers: [Question] = [], answersLeftOut: Int? = nil, salvage: Salvage? = nil,
        token: String, task: AgentTask,
        workspace: Workspace
    ) {
        self.id = id
        self.taskID = taskID
        self.branch = branch
        self.leaseExpiresAt = leaseExpiresAt
        self.remainingToday = remainingToday
        self.stopAt = stopAt
        self.answers = answers
        self.answersLeftOut = answersLeftOut
        self.salvage = salvage
        self.token = token
        self.task = task
        self.workspace = workspace
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case taskID = "taskId"
        case branch, leaseExpiresAt, remainingToday, stopAt, answers, answersLeftOut, salvage, token
        case task
        case workspace
    }
}

/// The remains of an attempt that did not complete, for the next one to go on from.
package struct Salvage: Sendable, Hashable, Codable {
    /// Whose it is; the salvage id of a refused late write.
    package var workerID: Identifier<Worker>
    /// The git branch its commits are on.
    package var branch: String
    /// Commits it reported there.
    package var commits: Int
    /// Progress it made, 0…100.
    package var progress: Int
    /// The attempt's cost.
    package var costUSD: USD
    /// The reason for its end.
    package var failureClass: FailureClass?
    /// The error.
    package var error: String?

    /// Takes the remains of an ended worker.
    package init(of worker: Worker) {
        workerID = worker.id
        branch = worker.branch
        commits = worker.commits
        progress = worker.progress
        costUSD = worker.costUSD
        failureClass = worker.failureClass
        error = worker.error
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case workerID = "workerId"
        case branch, commits, progress
        case costUSD = "costUsd"
        case failureClass, error
    }
}

/// The tasks that were taken, and when none was, the reason.
package struct ClaimAnswer: Sendable, Hashable, Codable {
    /// Best first; empty when nothing was to be had.
    package var workers: [ClaimedWorker]
    /// The reason why it is empty.
    package var reason: NothingReason?
    /// The gates between the caller and one of the pending tasks, where there are any.
    package var why: Why?

    /// Only what differs from the defaults need be said.
    package init(
        workers: [ClaimedWorker], reason: NothingReason? = nil, why: Why? = nil
    ) {
        self.workers = workers
        self.reason = reason
        self.why = why
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case workers, reason, why
    }
}
