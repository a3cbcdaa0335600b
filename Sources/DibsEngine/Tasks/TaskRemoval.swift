package import DibsCore
internal import DibsData
internal import DibsSchema

/// Removes a task that was never claimed and that nothing waits for.
///
/// Tasks that it spawned stay and have no parent any more. There may be any number of them, so they
/// are let go in transactions of their own, each with so many.
struct TaskRemoval {
    static let childrenAtOnce = 1000

    let id: AgentTask.ID
    let caller: Caller
    let tx: Transaction

    /// Whether it is gone; false when there are still children to let go.
    func run() throws -> Bool {
        let task = try TaskChange.reviewable(id, by: caller, in: tx)
        try Dependencies.lock(task.workspaceID, in: tx)
        guard try TaskRow.locked(id, in: tx) != nil else { throw DibsError.notFound("task", id) }
        try Removal.check("The task was claimed before.", task: id, in: tx) {
            "SELECT 1 FROM workers WHERE task_id = \(id)"
        }
        try Removal.check("Another task waits for it.", task: id, in: tx) {
            "SELECT 1 FROM task_dependencies WHERE depends_on_id = \(id)"
        }
        guard try letGo() < Self.childrenAtOnce else { return false }
        try tx.delete(from: AgentTask.self) { $0.id == id }
        try tx.record(
            .taskDeleted, workspace: task.workspaceID, task: id, account: caller.account.id)
        return true
    }

    private func letGo() throws -> Int {
        try tx.execute(
            """
            UPDATE tasks SET parent_task_id = NULL WHERE id IN (
                SELECT id FROM tasks WHERE parent_task_id = \(id)
                ORDER BY id LIMIT \(Self.childrenAtOnce) \(Lock.row))
            """)
    }
}

extension Engine {
    package func deleteTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws {
        var isGone = false
        while !isGone {
            isGone = try await write(as: caller) { tx, caller in
                try TaskRemoval(id: id, caller: caller, tx: tx).run()
            }
        }
    }
}

/// The rows that may be removed: only those that no history and no money hangs on.
enum Removal {
    /// Throws `in_use` when a query finds anything.
    static func check(
        _ message: String, hint: String, in tx: Transaction, _ query: () -> SQL
    ) throws {
        guard try tx.rows("\(query()) LIMIT 1", as: Int.self).first != nil else { return }
        throw DibsError(.inUse, message, hint: hint)
    }

    /// The same for a task, with what to do instead.
    static func check(
        _ message: String, task: AgentTask.ID, in tx: Transaction, _ query: () -> SQL
    ) throws {
        try check(
            message, hint: "Cancel it (dibs task cancel), and put it away (dibs task archive).",
            in: tx, query)
    }
}
