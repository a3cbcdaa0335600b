package import DibsJSON
package import Foundation

/// A POST that was answered, so that the same one again gets the same answer.
package struct IdempotencyKey: Sendable, Hashable {
    /// Who sent it.
    package var accountID: Identifier<Account>
    /// Method and path.
    package var operation: String
    /// The `Idempotency-Key` it came with, 1 to 255 characters.
    package var key: String
    /// A digest of the body, to refuse another one under the same key.
    package var fingerprint: String
    /// The ids of what it made; the answer is rebuilt from them.
    package var resource: JSON
    /// When it was answered; kept for 24 hours.
    package var createdAt: Date

    /// Every property, in the order of its columns.
    package init(
        accountID: Identifier<Account>, operation: String, key: String, fingerprint: String,
        resource: JSON, createdAt: Date
    ) {
        self.accountID = accountID
        self.operation = operation
        self.key = key
        self.fingerprint = fingerprint
        self.resource = resource
        self.createdAt = createdAt
    }
}
