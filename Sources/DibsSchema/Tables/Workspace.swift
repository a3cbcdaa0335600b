package import DibsCore
package import DibsData
internal import DibsJSON

extension Workspace: Entity {
    /// One row a repository.
    package static let table = Table<Workspace>(
        "workspaces",
        Column("id", \.id, default: .random),
        Column("name", \.name, check: "length(name) BETWEEN 1 AND 200", unique: true),
        Column("repo", \.repo),
        Column("local_path", \.localPath),
        Column("memory", \.memory, default: .value([:])),
        Column("access_mode", \.accessMode, default: .value(.restricted)),
        Column("git_config", \.gitConfig),
        Column("max_workers", \.maxWorkers, check: "max_workers >= 1"),
        Column("active_workers", \.activeWorkers, default: .value(0), check: "active_workers >= 0"),
        Column("expected_cost", \.expectedCost),
        Column("expected_cost_at", \.expectedCostAt),
        Column("closed_at", \.closedAt),
        Column("created_at", \.createdAt, default: .now),
        Column("updated_at", \.updatedAt, default: .now),
        make: Workspace.init,
        indexes: [
            Index("workspaces_open_idx") {
                $0.name
            } where: {
                $0.accessMode == .open; $0.closedAt == nil
            }
        ])

    /// The sources of its tasks.
    package static let sources = many(\Source.workspaceID)
    /// Its work.
    package static let tasks = many(\AgentTask.workspaceID)
}
