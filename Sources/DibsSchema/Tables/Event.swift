package import DibsCore
package import DibsData
internal import DibsJSON

extension Event: TableRecord {
    /// One row a line of history; it refers to rows that may be gone, so it has no keys.
    package static let table = Table<Event>(
        "events",
        Column("id", \.id, primaryKey: true, identity: true),
        Column("type", \.type),
        Column("workspace_id", \.workspaceID, foreignKey: false),
        Column("task_id", \.taskID, foreignKey: false),
        Column("worker_id", \.workerID, foreignKey: false),
        Column("account_id", \.accountID, foreignKey: false),
        Column("data", \.data, default: .value([:])),
        Column("created_at", \.createdAt, default: .now),
        make: Event.init,
        indexes: [
            Index("events_task_idx") {
                $0.taskID; $0.id
            } where: {
                $0.taskID != nil
            }
        ])
}
