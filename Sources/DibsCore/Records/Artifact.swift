package import DibsJSON
package import Foundation

/// A thing that a worker leaves behind: a diff, a plan, a report, a file.
package struct Artifact: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Artifact>
    /// The worker that made it.
    package var workerID: Identifier<Worker>
    /// For which task.
    package var taskID: Identifier<AgentTask>
    /// The kind of thing it is.
    package var type: ArtifactType
    /// One line, 1 to 500 characters.
    package var title: String
    /// Bytes of the thing itself, which is apart; 0 also when it is kept elsewhere.
    package var size: Int
    /// The place where it is kept, when it is not here.
    package var storageKey: String?
    /// Whatever else is known of it, an object.
    package var metadata: JSON
    /// Moment at which it was left, UTC.
    package var createdAt: Date

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Artifact>, workerID: Identifier<Worker>, taskID: Identifier<AgentTask>,
        type: ArtifactType, title: String, size: Int, storageKey: String?, metadata: JSON,
        createdAt: Date
    ) {
        self.id = id
        self.workerID = workerID
        self.taskID = taskID
        self.type = type
        self.title = title
        self.size = size
        self.storageKey = storageKey
        self.metadata = metadata
        self.createdAt = createdAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case workerID = "workerId"
        case taskID = "taskId"
        case type, title, size, storageKey
        case metadata, createdAt
    }
}
