package import Foundation

/// The rights of one account in one workspace.
package struct Grant: Sendable, Hashable, Codable {
    /// Account that has the rights.
    package var accountID: Identifier<Account>
    /// Workspace in which it has them.
    package var workspaceID: Identifier<Workspace>
    /// Whether it may take tasks.
    package var canClaim: Bool
    /// Whether it may add tasks and sources.
    package var canCreate: Bool
    /// Whether it may decide and answer: answer, approve, reject, cancel, retry, edit, delete, put
    /// away, and release what others work on.
    package var canReview: Bool
    /// Moment at which it was first given, UTC.
    package var createdAt: Date

    /// Every property, in the order of its columns.
    package init(
        accountID: Identifier<Account>, workspaceID: Identifier<Workspace>, canClaim: Bool,
        canCreate: Bool, canReview: Bool, createdAt: Date
    ) {
        self.accountID = accountID
        self.workspaceID = workspaceID
        self.canClaim = canClaim
        self.canCreate = canCreate
        self.canReview = canReview
        self.createdAt = createdAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case accountID = "accountId"
        case workspaceID = "workspaceId"
        case canClaim, canCreate, canReview, createdAt
    }
}
