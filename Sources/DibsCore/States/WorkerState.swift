/// The place of a worker in its life; live until `completed` or `error`.
package enum WorkerStatus: String, Sendable, CaseIterable, Codable {
    case idle, starting, running
    case waitingInput = "waiting_input"
    case paused, completed, error

    /// Whether it has ended.
    package var isEnded: Bool { self == .completed || self == .error }

    /// The ones that are not ended.
    package static let live = allCases.filter { !$0.isEnded }
}

/// An event in the life of a worker, which says so by reporting the status that it leads to.
package enum WorkerEvent: String, Sendable, CaseIterable {
    case start, run, wait, pause, complete, fail
}

extension WorkerStatus {
    /// Every legal change; SQL guards, 409 answers and docs/STATES.md are made from it.
    package static let transitions: [Transition<WorkerStatus, WorkerEvent>] = [
        .init(.start, from: [.idle], to: .starting),
        .init(.run, from: [.idle, .starting, .waitingInput, .paused], to: .running),
        .init(.wait, from: [.starting, .running, .paused], to: .waitingInput),
        .init(.pause, from: [.running, .waitingInput], to: .paused),
        .init(.complete, from: live.filter { $0 != .waitingInput }, to: .completed),
        .init(.fail, from: live, to: .error),
    ]

    /// The event that reporting this status means; nil for `idle`, which is only the birth.
    package var event: WorkerEvent? { Self.transitions.first { $0.to == self }?.event }
}
