package import DibsJSON
package import Foundation

/// A repository and what agents know about it.
package struct Workspace: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Workspace>
    /// Unique; what people and runners call it.
    package var name: String
    /// The address its repository is cloned from; what versions before let in of passwords is left
    /// out.
    package var repo: String?
    /// The path of its repository on a runner's machine.
    package var localPath: String?
    /// The memory of agents, an object; changed by merge patches (RFC 7396).
    package var memory: JSON
    /// The access of accounts without a link.
    package var accessMode: AccessMode
    /// Settings of how runners branch and commit; nil is the defaults.
    package var gitConfig: GitConfig?
    /// Workers at once, at least 1; nil is no limit.
    package var maxWorkers: Int?
    /// Workers now; equals its live, counted workers.
    package var activeWorkers: Int
    /// The likely cost of a task here, from its last ones; nil without history.
    package var expectedCost: USD?
    /// Moment at which that was last worked out; the store's business, not on the wire.
    package var expectedCostAt: Date?
    /// Moment at which it was closed, UTC; nothing in it can be claimed after.
    package var closedAt: Date?
    /// Moment at which it was made, UTC.
    package var createdAt: Date
    /// Moment of its last change, UTC.
    package var updatedAt: Date

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Workspace>, name: String, repo: String?, localPath: String?, memory: JSON,
        accessMode: AccessMode, gitConfig: GitConfig?, maxWorkers: Int?, activeWorkers: Int,
        expectedCost: USD?, expectedCostAt: Date?, closedAt: Date?, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.name = name
        self.repo = repo.map(RepositoryAddress.withoutSecrets)
        self.localPath = localPath
        self.memory = memory
        self.accessMode = accessMode
        self.gitConfig = gitConfig
        self.maxWorkers = maxWorkers
        self.activeWorkers = activeWorkers
        self.expectedCost = expectedCost
        self.expectedCostAt = expectedCostAt
        self.closedAt = closedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, repo, localPath, memory, accessMode, gitConfig, maxWorkers, activeWorkers
        case expectedCost, closedAt, createdAt, updatedAt
    }
}
