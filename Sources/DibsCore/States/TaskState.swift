/// The place of a task in its life.
package enum TaskStatus: String, Sendable, CaseIterable, Codable {
    case pending, assigned
    case inProgress = "in_progress"
    case review, completed, failed, cancelled
}

/// An event in the life of a task.
package enum TaskEvent: String, Sendable, CaseIterable {
    /// A worker took it.
    case claim
    /// Its worker began to run.
    case start
    /// Its worker completed it.
    case finish
    /// Its worker completed it, and a person is to look.
    case submit
    /// Its worker ended without a result, and it may be tried again.
    case giveBack = "give back"
    /// Its worker ended without a result, and it may not.
    case giveUp = "give up"
    /// Its last worker's late result was taken, or a person took what is there.
    case adopt
    /// The same, and a person is to look.
    case adoptForReview = "adopt for review"
    /// A person approved the result.
    case approve
    /// A person sent it back.
    case reject
    /// A person wants it tried again.
    case retry
    /// A person wants it no more.
    case cancel
}

extension TaskStatus {
    /// Every legal change; SQL guards, 409 answers and docs/STATES.md are made from it.
    package static let transitions: [Transition<TaskStatus, TaskEvent>] = [
        .init(.claim, from: [.pending], to: .assigned),
        .init(.start, from: [.assigned], to: .inProgress),
        .init(.finish, from: [.assigned, .inProgress], to: .completed),
        .init(.submit, from: [.assigned, .inProgress], to: .review),
        .init(.giveBack, from: [.assigned, .inProgress], to: .pending),
        .init(.giveUp, from: [.assigned, .inProgress], to: .failed),
        .init(.adopt, from: [.pending], to: .completed),
        .init(.adoptForReview, from: [.pending], to: .review),
        .init(.approve, from: [.review], to: .completed),
        .init(.reject, from: [.review], to: .pending),
        .init(.retry, from: [.failed, .cancelled], to: .pending),
        .init(.cancel, from: [.pending, .assigned, .inProgress, .review], to: .cancelled),
    ]

    /// Whether nothing but a retry can happen to it.
    package var isClosed: Bool { self == .completed || self == .failed || self == .cancelled }
}
