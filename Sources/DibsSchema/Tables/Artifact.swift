package import DibsCore
package import DibsData
internal import DibsJSON

extension Artifact: Entity {
    /// One row a thing left behind.
    package static let table = Table<Artifact>(
        "artifacts",
        Column("id", \.id, default: .random),
        Column("worker_id", \.workerID),
        Column("task_id", \.taskID),
        Column("type", \.type),
        Column("title", \.title, check: "length(title) BETWEEN 1 AND 500"),
        Column("size", \.size, default: .value(0), check: "size >= 0"),
        Column("storage_key", \.storageKey),
        Column("metadata", \.metadata, default: .value([:])),
        Column("created_at", \.createdAt, default: .now),
        make: Artifact.init,
        indexes: [
            Index("artifacts_worker_idx") { $0.workerID },
            Index("artifacts_task_idx") {
                $0.taskID; $0.createdAt
            },
        ])

    /// The worker that made it.
    package static let worker = one(\.workerID)
    /// For which task.
    package static let task = one(\.taskID)
}
