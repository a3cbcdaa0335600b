/// The reason why an attempt ended without a result, which decides what its task owes for it.
package enum FailureClass: String, Sendable, CaseIterable, Codable {
    case agentFailed = "agent_failed"
    case leaseExpired = "lease_expired"
    case released, waiting, cancelled, budget
    case rateLimited = "rate_limited"
    case infrastructure

    /// The classes that a worker's own report may name; the others are the server's to say.
    package static let reportable: [FailureClass] = [
        .agentFailed, .rateLimited, .infrastructure, .budget, .waiting,
    ]

    /// Whether one such end counts against the task's `maxAttempts`.
    package var burnsAttempt: Bool { self == .agentFailed || self == .leaseExpired }

    /// So many `infrastructure` ends in a row burn one attempt.
    package static let infrastructureEndsABurn = 5

    /// Seconds until the task may be claimed again, after `attempts` ends that burned, this one
    /// included; 0 is at once.
    package func backOffSeconds(attempts: Int) -> Int {
        switch self {
        case .agentFailed: Self.doubling(attempts)
        case .leaseExpired: attempts <= 1 ? 0 : Self.doubling(attempts - 1)
        case .infrastructure, .rateLimited: 60
        case .released, .waiting, .cancelled, .budget: 0
        }
    }

    /// 15 s × 2^(n−1), at most 15 minutes.
    private static func doubling(_ count: Int) -> Int {
        15 * min(60, 1 << min(max(count - 1, 0), 6))
    }
}
