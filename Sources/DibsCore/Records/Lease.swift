package import Foundation

/// A worker's right to one task until a moment; the worker's id is the token that proves it.
///
/// A row exists while its worker lives, and its primary key is the task: one task, one worker.
/// It is narrow on purpose, for it is rewritten by every heartbeat.
package struct Lease: Sendable, Hashable, Codable {
    /// Whose right it is; the primary key.
    package var taskID: Identifier<AgentTask>
    /// The worker that holds it.
    package var workerID: Identifier<Worker>
    /// Under whose limits.
    package var accountID: Identifier<Account>
    /// The server's time, UTC, exclusive; renewed by every heartbeat or report.
    package var expiresAt: Date
    /// Moment at which it ends however often it is renewed: the attempt has taken as long as it
    /// may.
    package var endsAt: Date
    /// Length of a renewal, 1…3600.
    package var lengthSeconds: Int
    /// Money set aside from the account's day and not yet spent.
    package var hold: USD
    /// Whether it takes a slot and a seat now.
    package var counted: Bool
    /// Whether its worker gave its slot back for a question that is answered by now, and so takes
    /// one before any new claim of its account.
    package var answered: Bool
    /// The highest report sequence taken so far.
    package var sequence: Int
    /// Digest of the report with that sequence, by which the same one is known when it comes again;
    /// nil before the first numbered report.
    package var fingerprint: String?

    /// Every property, in the order of its columns.
    package init(
        taskID: Identifier<AgentTask>, workerID: Identifier<Worker>,
        accountID: Identifier<Account>, expiresAt: Date, endsAt: Date, lengthSeconds: Int,
        hold: USD, counted: Bool, answered: Bool, sequence: Int,
        fingerprint: String?
    ) {
        self.taskID = taskID
        self.workerID = workerID
        self.accountID = accountID
        self.expiresAt = expiresAt
        self.endsAt = endsAt
        self.lengthSeconds = lengthSeconds
        self.hold = hold
        self.counted = counted
        self.answered = answered
        self.sequence = sequence
        self.fingerprint = fingerprint
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case taskID = "taskId"
        case workerID = "workerId"
        case accountID = "accountId"
        case expiresAt, endsAt
        case lengthSeconds, hold, counted, answered, sequence, fingerprint
    }
}
