package import Foundation

/// A provider's key or token of one account, sealed at rest and never shown.
package struct AccountSecret: Sendable, Hashable {
    /// Whose it is.
    package var accountID: Identifier<Account>
    /// The use of the secret.
    package var kind: SecretKind
    /// The secret under the server's own key.
    package var sealed: SealedBytes
    /// Moment at which it was made, UTC.
    package var createdAt: Date
    /// Moment of its last change, UTC.
    package var updatedAt: Date

    /// Every property, in the order of its columns.
    package init(
        accountID: Identifier<Account>, kind: SecretKind, sealed: SealedBytes, createdAt: Date,
        updatedAt: Date
    ) {
        self.accountID = accountID
        self.kind = kind
        self.sealed = sealed
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
