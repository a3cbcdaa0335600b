package import DibsCore
package import DibsData

extension TaskDependency: TableRecord {
    /// Both directions are indexed: what a task waits for, and what waits for it.
    package static let table = Table<TaskDependency>(
        "task_dependencies",
        Column("task_id", \.taskID, primaryKey: true, onDelete: "CASCADE"),
        Column("depends_on_id", \.dependsOnID, primaryKey: true, onDelete: "CASCADE"),
        Column("created_at", \.createdAt, default: .now),
        Column("is_open", \.isOpen, default: .value(true)),
        make: TaskDependency.init,
        indexes: [
            Index("task_dependencies_target_idx") {
                $0.dependsOnID; $0.taskID
            },
            Index("task_dependencies_open_idx") {
                $0.dependsOnID; $0.taskID
            } where: {
                $0.isOpen == .literal(true)
            },
        ],
        constraints: ["CHECK (task_id <> depends_on_id)"])
}
