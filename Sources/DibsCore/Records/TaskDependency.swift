package import Foundation

/// One task waits for another to be completed.
package struct TaskDependency: Sendable, Hashable, Codable {
    /// The one that waits.
    package var taskID: Identifier<AgentTask>
    /// The one it waits for.
    package var dependsOnID: Identifier<AgentTask>
    /// Moment at which it was made, UTC.
    package var createdAt: Date
    /// Whether it is among the open dependencies of the one that waits.
    package var isOpen: Bool

    /// Every property, in the order of its columns.
    package init(
        taskID: Identifier<AgentTask>, dependsOnID: Identifier<AgentTask>, createdAt: Date,
        isOpen: Bool
    ) {
        self.taskID = taskID
        self.dependsOnID = dependsOnID
        self.createdAt = createdAt
        self.isOpen = isOpen
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case taskID = "taskId"
        case dependsOnID = "dependsOnId"
        case createdAt, isOpen
    }
}
