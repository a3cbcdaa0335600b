package import DibsJSON
package import Foundation

/// One line of history; append-only.
package struct Event: Sendable, Hashable, Codable {
    /// Its number of insertion; never reused, and no order for readers.
    package let id: Int
    /// The type, `task.created`.
    package var type: String
    /// The workspace whose readers may see it; nil is admins alone.
    package var workspaceID: Identifier<Workspace>?
    /// Which task it is about.
    package var taskID: Identifier<AgentTask>?
    /// Which worker it is about.
    package var workerID: Identifier<Worker>?
    /// The account that did it.
    package var accountID: Identifier<Account>?
    /// The data that its type adds, an object.
    package var data: JSON
    /// Moment of the event, UTC.
    package var createdAt: Date

    /// Every property, in the order of its columns.
    package init(
        id: Int, type: String, workspaceID: Identifier<Workspace>?,
        taskID: Identifier<AgentTask>?, workerID: Identifier<Worker>?,
        accountID: Identifier<Account>?, data: JSON, createdAt: Date
    ) {
        self.id = id
        self.type = type
        self.workspaceID = workspaceID
        self.taskID = taskID
        self.workerID = workerID
        self.accountID = accountID
        self.data = data
        self.createdAt = createdAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id, type
        case workspaceID = "workspaceId"
        case taskID = "taskId"
        case workerID = "workerId"
        case accountID = "accountId"
        case data, createdAt
    }
}
