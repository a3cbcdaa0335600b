package import Foundation

/// A process that claims tasks, as its claims showed it.
package struct RunnerSeen: Sendable, Hashable, Codable {
    /// Under whose key it claims.
    package var accountID: Identifier<Account>
    /// The runner's own name.
    package var name: String
    /// Capabilities of its last request.
    package var capabilities: Capabilities
    /// Moment of its last claim, UTC.
    package var lastSeenAt: Date

    /// Every property, in the order of its columns.
    package init(
        accountID: Identifier<Account>, name: String, capabilities: Capabilities,
        lastSeenAt: Date
    ) {
        self.accountID = accountID
        self.name = name
        self.capabilities = capabilities
        self.lastSeenAt = lastSeenAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case accountID = "accountId"
        case name, capabilities, lastSeenAt
    }
}
