package import DibsCore
package import DibsData

extension Lane: Entity {
    /// Interned: the unique index is what a task finds its lane by.
    package static let table = Table<Lane>(
        "lanes",
        Column("id", \.id, default: .random),
        Column("workspace_id", \.workspaceID, onDelete: "CASCADE"),
        Column("runner_preference", \.runnerPreference, default: .value(.any)),
        Column("required_capabilities", \.requiredCapabilities, default: .value(.none)),
        Column("cost_class", \.costClass, default: .value(0)),
        make: Lane.init,
        indexes: [
            Index("lanes_key_idx", unique: true) {
                $0.workspaceID; $0.runnerPreference; $0.requiredCapabilities; $0.costClass
            }
        ])
}
