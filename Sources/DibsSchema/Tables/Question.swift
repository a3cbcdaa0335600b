package import DibsCore
package import DibsData
internal import DibsJSON

extension Question: Entity {
    /// One row a question; it outlives the worker that asked.
    package static let table = Table<Question>(
        "questions",
        Column("id", \.id, default: .random),
        Column("task_id", \.taskID),
        Column("worker_id", \.workerID),
        Column("kind", \.kind),
        Column("prompt", \.prompt),
        Column("options", \.options, default: .value([])),
        Column("answer", \.answer),
        Column("answered_by", \.answeredBy),
        Column("answered_at", \.answeredAt),
        Column("created_at", \.createdAt, default: .now),
        Column("free_text", \.freeText, default: .value(true)),
        make: Question.init,
        indexes: [
            Index("questions_task_idx") { $0.taskID },
            Index("questions_open_idx") {
                $0.createdAt
            } where: {
                $0.answeredAt == nil
            },
        ])
}
