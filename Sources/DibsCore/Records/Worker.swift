package import DibsJSON
package import Foundation

/// One attempt at one task by one account: born at the claim, ended once, never reused.
///
/// Its id is the fencing token: every write of an attempt names it, and is refused once the lease
/// is gone.
package struct Worker: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Worker>
    /// The task it works on.
    package var taskID: Identifier<AgentTask>
    /// Workspace of its task.
    package var workspaceID: Identifier<Workspace>
    /// Under whose limits.
    package var accountID: Identifier<Account>
    /// The process that runs the agent, as it named itself.
    package var runner: String
    /// The name that people use.
    package var name: String
    /// The git branch its commits go to, or are on, as it reported.
    package var branch: String
    /// The place in its life; see docs/STATES.md.
    package var status: WorkerStatus
    /// The question it waits on, while it waits.
    package var waitingFor: WaitingFor?
    /// 0…100, as it reported.
    package var progress: Int
    /// The last 50, oldest first; none in a list.
    package var milestones: JSONList<Milestone>
    /// The present action, in a few words.
    package var currentAction: String?
    /// US dollars so far, cumulative.
    package var costUSD: USD
    /// Tokens read so far, cumulative.
    package var inputTokens: Int
    /// Tokens written so far, cumulative.
    package var outputTokens: Int
    /// Turns of the agent so far, cumulative.
    package var turns: Int
    /// The error that it ended in.
    package var error: String?
    /// The reason for its end, when it did not complete.
    package var failureClass: FailureClass?
    /// Set by the first `running`.
    package var startedAt: Date?
    /// Set by its end; nil is live, and nothing else is.
    package var completedAt: Date?
    /// The pull request it opened.
    package var pullRequestURL: String?
    /// Commits on its branch.
    package var commits: Int
    /// Files its commits changed.
    package var filesChanged: Int
    /// Lines its commits added.
    package var linesAdded: Int
    /// Lines its commits removed.
    package var linesRemoved: Int
    /// Moment of its claim, UTC.
    package var createdAt: Date
    /// Moment of its last report, UTC.
    package var updatedAt: Date
    /// Milestones it told in all; where `milestones` has fewer, the oldest were left out.
    package var milestoneCount: Int
    /// Digest of the numbered report that ended it, by which the same one is known when it comes
    /// again; the store's business, not on the wire.
    package var lastReport: String?
    /// Things its runner noticed and could not help, the newest 100, oldest first.
    package var warnings: JSONList<String>

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Worker>, taskID: Identifier<AgentTask>,
        workspaceID: Identifier<Workspace>, accountID: Identifier<Account>, runner: String,
        name: String, branch: String, status: WorkerStatus, waitingFor: WaitingFor?,
        progress: Int, milestones: JSONList<Milestone>, currentAction: String?, costUSD: USD,
        inputTokens: Int, outputTokens: Int, turns: Int, error: String?,
        failureClass: FailureClass?, startedAt: Date?, completedAt: Date?,
        pullRequestURL: String?, commits: Int, filesChanged: Int, linesAdded: Int,
        linesRemoved: Int, createdAt: Date, updatedAt: Date, milestoneCount: Int,
        lastReport: String?, warnings: JSONList<String>
    ) {
        self.id = id
        self.taskID = taskID
        self.workspaceID = workspaceID
        self.accountID = accountID
        self.runner = runner
        self.name = name
        self.branch = branch
        self.status = status
        self.waitingFor = waitingFor
        self.progress = progress
        self.milestones = milestones
        self.currentAction = currentAction
        self.costUSD = costUSD
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.turns = turns
        self.error = error
        self.failureClass = failureClass
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.pullRequestURL = pullRequestURL
        self.commits = commits
        self.filesChanged = filesChanged
        self.linesAdded = linesAdded
        self.linesRemoved = linesRemoved
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.milestoneCount = milestoneCount
        self.lastReport = lastReport
        self.warnings = warnings
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case taskID = "taskId"
        case workspaceID = "workspaceId"
        case accountID = "accountId"
        case runner
        case name, branch, status, waitingFor, progress, milestones, currentAction
        case costUSD = "costUsd"
        case inputTokens, outputTokens, turns, error, failureClass
        case startedAt, completedAt
        case pullRequestURL = "prUrl"
        case commits, filesChanged, linesAdded
        case linesRemoved, createdAt, updatedAt, milestoneCount, warnings
    }
}
