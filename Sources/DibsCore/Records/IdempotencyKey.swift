package import DibsJSON
package import Foundation

/// A POST that was answered, so that the same one again gets the same answer.
package struct IdempotencyKey: Sendable, Hashable {
    /// SHA-256 of the secret it came with: not of the account, so that none of its workers' tokens
    /// gets what another credential was answered.
    package var credential: KeyHash
    /// Method and path.
    package var operation: String
    /// The `Idempotency-Key` it came with, 1 to 255 characters.
    package var key: String
    /// A digest of the body, to refuse another one under the same key.
    package var fingerprint: String
    /// The ids of what it made; the answer is rebuilt from them.
    package var resource: JSON
    /// The key of the account that it made, under the server's secret; nil for all else.
    package var sealed: SealedBytes?
    /// Moment of the answer, UTC; kept for 24 hours.
    package var createdAt: Date
    /// Number among those of its credential, from 1; the lowest go first when there are too many.
    package var place: Int

    /// Every property, in the order of its columns.
    package init(
        credential: KeyHash, operation: String, key: String, fingerprint: String,
        resource: JSON, sealed: SealedBytes?, createdAt: Date, place: Int
    ) {
        self.credential = credential
        self.operation = operation
        self.key = key
        self.fingerprint = fingerprint
        self.resource = resource
        self.sealed = sealed
        self.createdAt = createdAt
        self.place = place
    }
}
