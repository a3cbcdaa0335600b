package import Foundation

/// A completed task that others still wait for, until the reaper has counted it down in each.
package struct Countdown: Sendable, Hashable {
    /// The completed task.
    package var taskID: Identifier<AgentTask>
    /// Moment of its completion, UTC.
    package var createdAt: Date

    /// Every property, in the order of its columns.
    package init(taskID: Identifier<AgentTask>, createdAt: Date) {
        (self.taskID, self.createdAt) = (taskID, createdAt)
    }
}
