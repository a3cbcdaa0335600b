package import Foundation

/// A process that claims tasks, as its claims showed it.
package struct RunnerSeen: Sendable, Hashable, Codable {
    /// Under whose key it claims.
    package var accountID: Identifier<Account>
    /// What it calls itself.
    package var name: String
    /// What it last offered.
    package var capabilities: Capabilities
    /// When it last claimed.
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
