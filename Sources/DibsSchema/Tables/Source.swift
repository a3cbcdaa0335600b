package import DibsCore
package import DibsData
internal import DibsJSON

extension Source: Entity {
    /// One row a place that tasks come from.
    package static let table = Table<Source>(
        "sources",
        Column("id", \.id, default: .random),
        Column("workspace_id", \.workspaceID, onDelete: "CASCADE"),
        Column("type", \.type, default: .value(.manual)),
        Column("name", \.name, check: "length(name) BETWEEN 1 AND 200"),
        Column("config", \.config),
        Column("sealed_config", \.sealedConfig),
        Column("created_at", \.createdAt, default: .now),
        Column("updated_at", \.updatedAt, default: .now),
        make: Source.init,
        indexes: [
            Index("sources_workspace_idx", unique: true) {
                $0.workspaceID; $0.name
            }
        ])

    /// Whose tasks it brings.
    package static let workspace = one(\.workspaceID)
}
