/// The reason why a claim got nothing.
package enum NothingReason: String, Sendable, CaseIterable, Codable {
    /// Nothing is pending where the caller may claim.
    case noTask = "no_task"
    /// The caller may claim in no workspace, or not in the one it named.
    case noAccess = "no_access"
    /// Tasks are pending, and all of them want another type of account or more capabilities.
    case noMatch = "no_match"
    /// Tasks are pending, and all of them wait for a time, a dependency or an answer.
    case notReady = "not_ready"
    /// Tasks could be claimed at once if their workspaces had not as many workers as they may.
    case workspaceLimit = "workspace_limit"

    /// The meaning and the remedy, for people.
    package var explanation: String {
        switch self {
        case .noTask: "No task is pending where you may claim."
        case .noAccess: "You may claim nowhere here; ask an admin for a grant."
        case .noMatch: "The pending tasks want another type of runner or more capabilities."
        case .notReady: "The pending tasks wait for their time, a dependency or an answer."
        case .workspaceLimit:
            "Their workspace has as many workers as it may: wait for one to end, or raise it."
        }
    }
}

/// The reason why a worker must end.
package enum StopReason: String, Sendable, CaseIterable, Codable {
    /// A person wants the task no more.
    case cancelled
    /// The attempt has taken as long as it may; it has a minute to wrap up.
    case maxDuration = "max_duration"
    /// Its account has no more money today.
    case dayLimit = "day_limit"
    /// The task has reached a limit of its own, and a person is asked what to do.
    case taskLimit = "task_limit"
    /// The attempt has ended already, and what was said of it now was kept all the same.
    case ended
}
