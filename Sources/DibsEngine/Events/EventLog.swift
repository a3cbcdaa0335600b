internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// A type of event.
enum EventType: String {
    case accountCreated = "account.created"
    case accountUpdated = "account.updated"
    case accountGranted = "account.granted"
    case accountRevoked = "account.revoked"
    case workspaceCreated = "workspace.created"
    case sourceCreated = "source.created"
    case workspaceUpdated = "workspace.updated"
    case questionAsked = "question.asked"
    case questionAnswered = "question.answered"
    case taskUpdated = "task.updated"
    case taskDeleted = "task.deleted"
    case accountDeleted = "account.deleted"
    case accountKeyRotated = "account.key_rotated"
    case workspaceDeleted = "workspace.deleted"
    case taskAdopted = "task.adopted"
    case taskCreated = "task.created"
    case taskClaimed = "task.claimed"
    case taskStarted = "task.started"
    case taskCompleted = "task.completed"
    case taskSubmitted = "task.submitted"
    case taskReturned = "task.returned"
    case taskFailed = "task.failed"
    case taskCancelled = "task.cancelled"
    case taskRetried = "task.retried"
    case taskApproved = "task.approved"
    case taskRejected = "task.rejected"
    case workerWarned = "worker.warned"
    case workerEnded = "worker.ended"
    case artifactAdded = "artifact.added"
    case costParked = "cost.parked"
    case costAccepted = "cost.accepted"
    case costDropped = "cost.dropped"
}

extension Transaction {
    /// Adds a line of history to this transaction, so that neither is ever there alone.
    func record(
        _ type: EventType, workspace: Workspace.ID? = nil, task: AgentTask.ID? = nil,
        worker: Worker.ID? = nil, account: Account.ID? = nil, data: JSON = .object([:])
    ) throws {
        try run(
            EventStatement.insert, type.rawValue, workspace, task, worker, account, data, now())
    }
}

private enum EventStatement {
    static let insert = Command {
        (
            type: Slot<String>, workspace: Slot<Workspace.ID?>, task: Slot<AgentTask.ID?>,
            worker: Slot<Worker.ID?>, account: Slot<Account.ID?>, data: Slot<JSON>,
            now: Slot<Date>
        ) in
        """
        INSERT INTO events
            (type, workspace_id, task_id, worker_id, account_id, data, created_at)
        VALUES
            (\(type), \(workspace), \(task), \(worker), \(account), \(data), \(now))
        """
    }
}
