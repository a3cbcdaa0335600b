package import DibsJSON
package import Foundation

/// A system that tasks of a workspace come from.
package struct Source: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Source>
    /// Whose tasks it brings.
    package var workspaceID: Identifier<Workspace>
    /// The kind of system it is.
    package var type: SourceType
    /// Unique in its workspace.
    package var name: String
    /// The names of its settings, each with null for its value, which is never shown; only for
    /// admins.
    package var config: JSON?
    /// All its settings under the server's secret; the store's business, not on the wire.
    package var sealedConfig: SealedBytes?
    /// Moment at which it was made, UTC.
    package var createdAt: Date
    /// Moment of its last change, UTC.
    package var updatedAt: Date

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Source>, workspaceID: Identifier<Workspace>, type: SourceType,
        name: String, config: JSON?, sealedConfig: SealedBytes?, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.type = type
        self.name = name
        self.config = config
        self.sealedConfig = sealedConfig
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case workspaceID = "workspaceId"
        case type, name, config, createdAt, updatedAt
    }
}
