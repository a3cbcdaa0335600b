package import Foundation

/// What must be open before a claimer gets a task, in the order a claim meets it.
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
}

/// One gate between a claimer and a task, as it stands.
package struct Gate: Sendable, Hashable, Codable {
    /// Which one.
    package var name: GateName
    /// Whether it lets the claimer through.
    package var isOpen: Bool
    /// What it stands at.
    package var current: String
    /// What it must be, or may be at most.
    package var limit: String
    /// Who or what opens it; nil while it is open.
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

/// Who would claim, as far as it is not the caller's account.
package struct Claimer: Sendable, Hashable, Codable {
    /// What it would offer.
    package var capabilities: Capabilities
    /// What its runner calls itself; nil for any runner.
    package var runner: String?

    /// Only what differs from the defaults need be said.
    package init(capabilities: Capabilities = .none, runner: String? = nil) {
        self.capabilities = capabilities
        self.runner = runner
    }
}

/// Why a claimer would get a task now, or not.
package struct Why: Sendable, Hashable, Codable {
    /// The task.
    package var taskID: Identifier<AgentTask>
    /// The account that would claim.
    package var accountID: Identifier<Account>
    /// What it would offer.
    package var capabilities: Capabilities
    /// Whether a claim of this task by it would get it now.
    package var isOpen: Bool
    /// Every gate, in the order a claim meets them.
    package var gates: [Gate]

    /// An answer.
    package init(
        taskID: Identifier<AgentTask>, accountID: Identifier<Account>,
        capabilities: Capabilities, gates: [Gate]
    ) {
        self.taskID = taskID
        self.accountID = accountID
        self.capabilities = capabilities
        self.gates = gates
        isOpen = gates.allSatisfy(\.isOpen)
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case taskID = "taskId"
        case accountID = "accountId"
        case capabilities, isOpen, gates
    }
}
