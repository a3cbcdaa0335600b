/// The account, and for a worker's own token the worker, that a credential belongs to.
package struct CallerIdentity: Sendable, Hashable, Codable {
    /// The account whose rights and limits apply.
    package var accountID: Identifier<Account>
    /// The worker whose own token was sent; nil for an account's key.
    package var workerID: Identifier<Worker>?
    /// Whether that worker has ended; its token then opens only a last write about itself.
    package var hasEnded: Bool

    /// An identity; without a worker, an account's.
    package init(
        accountID: Identifier<Account>, workerID: Identifier<Worker>? = nil, hasEnded: Bool = false
    ) {
        (self.accountID, self.workerID, self.hasEnded) = (accountID, workerID, hasEnded)
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case accountID = "accountId"
        case workerID = "workerId"
        case hasEnded
    }
}
