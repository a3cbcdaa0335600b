/// The bytes that an account left in artifacts on the last day on which it left any.
package struct ArtifactDay: Sendable, Hashable {
    /// Whose workers left it.
    package var accountID: Identifier<Account>
    /// The date in UTC, `2026-11-24`.
    package var day: String
    /// Bytes of content and metadata.
    package var bytes: Int

    /// Every property, in the order of its columns.
    package init(accountID: Identifier<Account>, day: String, bytes: Int) {
        self.accountID = accountID
        self.day = day
        self.bytes = bytes
    }
}
