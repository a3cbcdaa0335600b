package import Foundation

/// A gate that must be open before a claimer gets a task, in the order a claim meets it.
package enum GateName: String, Sendable, CaseIterable, Codable {
    case status, dependencies, questions
    case notBefore = "not_before"
    case access
    case workspaceOpen = "workspace_open"
    case workspaceWorkers = "workspace_workers"
    case released
    case runnerPreference = "runner_preference"
    case capabilities
    case accountWorkers = "account_workers"
    case accountSessions = "account_sessions"
    case seatSessions = "seat_sessions"
    case money
    /// Asked of no claimer but of all that came of late: whether one of them could take it.
    case runner

    /// Those between a task and one claimer.
    package static let ofClaimer = allCases.filter { $0 != .runner }
    /// Those of the task and its workspace, whoever claims, and then the runners.
    package static let ofAnyone: [GateName] = [
        .status, .dependencies, .questions, .notBefore, .workspaceOpen, .workspaceWorkers, .runner,
    ]
}

/// One gate between a claimer and a task, as it stands.
package struct Gate: Sendable, Hashable, Codable {
    /// Which one.
    package var name: GateName
    /// Whether it lets the claimer through.
    package var isOpen: Bool
    /// The present value.
    package var current: String
    /// The value it must have, or may have at most.
    package var limit: String
    /// The remedy, or whoever opens it; nil while it is open.
    package var hint: String?
    /// The earliest moment it may open by itself, where one is known.
    package var opensAt: Date?

    /// A gate.
    package init(
        _ name: GateName, isOpen: Bool, current: String, limit: String, hint: String,
        opensAt: Date? = nil
    ) {
        self.name = name
        self.isOpen = isOpen
        self.current = current
        self.limit = limit
        self.hint = isOpen ? nil : hint
        self.opensAt = isOpen ? nil : opensAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, isOpen, current, limit, hint, opensAt
    }
}

/// Whether a runner that asked of late could take a task, whatever the task itself waits for.
package struct RunnerChance: Sendable, Hashable, Codable {
    /// Under whose key it claims.
    package var accountID: Identifier<Account>
    /// The runner's own name.
    package var runner: String
    /// Capabilities of its last request.
    package var capabilities: Capabilities
    /// Moment of its last request, UTC.
    package var lastSeenAt: Date
    /// The gates that keep it from the task; none is that it could.
    package var closed: [GateName]

    /// Takes what is known of one runner.
    package init(_ seen: RunnerSeen, closed: [GateName]) {
        accountID = seen.accountID
        runner = seen.name
        capabilities = seen.capabilities
        lastSeenAt = seen.lastSeenAt
        self.closed = closed
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case accountID = "accountId"
        case runner, capabilities, lastSeenAt, closed
    }
}

/// The number of runners of other accounts that asked of late, for who may not know their names.
package struct RunnerCount: Sendable, Hashable, Codable {
    /// Those that asked in the last 24 hours.
    package var asked: Int
    /// Those of them that could take the task, whatever the task itself waits for.
    package var able: Int

    /// Both counts.
    package init(asked: Int, able: Int) { (self.asked, self.able) = (asked, able) }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable { case asked, able }
}

/// The claimer to ask for, as far as it is not the caller's account.
package struct Claimer: Sendable, Hashable, Codable {
    /// Capabilities it would offer.
    package var capabilities: Capabilities
    /// The name of its runner; nil for any runner.
    package var runner: String?

    /// Only what differs from the defaults need be said.
    package init(capabilities: Capabilities = .none, runner: String? = nil) {
        self.capabilities = capabilities
        self.runner = runner
    }
}

/// The gates between a claimer and a task, or with no claimer, between all who ask and it.
package struct Why: Sendable, Hashable, Codable {
    /// The task.
    package var taskID: Identifier<AgentTask>
    /// The account that would claim; nil is whoever asks.
    package var accountID: Identifier<Account>?
    /// Capabilities it would offer.
    package var capabilities: Capabilities
    /// Whether a claim of this task by it, or by one of `runners`, would get it now.
    package var isOpen: Bool
    /// Every gate, in the order a claim meets them.
    package var gates: [Gate]
    /// With no claimer, who asked in the last 24 hours, the latest first: for an admin all, for
    /// everybody else their own.
    package var runners: [RunnerChance]
    /// With no claimer, those of other accounts, for everybody but admins.
    package var others: RunnerCount?
    /// Runners that asked and were not looked at, because there are so many; 0 for all.
    package var runnersCut: Int

    /// An answer.
    package init(
        taskID: Identifier<AgentTask>, accountID: Identifier<Account>? = nil,
        capabilities: Capabilities = .none, gates: [Gate], runners: [RunnerChance] = [],
        others: RunnerCount? = nil, runnersCut: Int = 0
    ) {
        self.taskID = taskID
        self.accountID = accountID
        self.capabilities = capabilities
        self.gates = gates
        self.runners = runners
        self.others = others
        self.runnersCut = runnersCut
        isOpen = gates.allSatisfy(\.isOpen)
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case taskID = "taskId"
        case accountID = "accountId"
        case capabilities, isOpen, gates, runners, others, runnersCut
    }
}
