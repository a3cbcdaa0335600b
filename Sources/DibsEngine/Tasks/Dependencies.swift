internal import DibsCore
internal import DibsData
internal import DibsSchema

/// What tasks wait for, and the count of it that the claim's index goes by.
///
/// A count is true because whoever adds or drops an edge and whoever completes a task of the same
/// workspace exclude each other. Locking the tasks themselves would not do: the rows of a chain are
/// locked in the order of the chain by who completes, and in the order of ids by who adds.
enum Dependencies {
    /// Keeps everybody else from changing edges and from completing tasks of a workspace.
    ///
    /// Comes before the workspace's row and its tasks in the order of locks. SQLite has one writer.
    static func lock(_ workspace: Workspace.ID, in tx: Transaction) throws {
        try take("pg_advisory_xact_lock", workspace, in: tx)
    }

    /// Keeps everybody else from changing edges of a workspace in which a task is completed.
    static func lockForCompletion(_ workspace: Workspace.ID, in tx: Transaction) throws {
        try take("pg_advisory_xact_lock_shared", workspace, in: tx)
    }

    private static func take(
        _ function: StaticString, _ workspace: Workspace.ID, in tx: Transaction
    ) throws {
        guard tx.dialect == .postgres else { return }
        let key = "dependencies of \(workspace)"
        try tx.execute("SELECT \(raw: function)(hashtextextended(\(key), 0))")
    }

    /// How many of the tasks are not completed; throws `not_found` for one of another workspace.
    ///
    /// The workspace's edges are locked.
    static func open(
        _ blockers: [AgentTask.ID], in workspace: Workspace.ID, _ tx: Transaction
    ) throws -> Int {
        let wanted = Set(blockers)
        guard !wanted.isEmpty else { return 0 }
        let found = try tx.rows(
            """
            SELECT id, status FROM tasks
            WHERE workspace_id = \(workspace) AND id \(in: wanted.sorted())
            """,
            as: AgentTask.ID.self, TaskStatus.self)
        if let missing = wanted.subtracting(found.map(\.0)).min() {
            throw DibsError.notFound("task to depend on", missing)
        }
        return found.filter { $0.1 != .completed }.count
    }

    /// Adds and drops edges of a locked task; throws `dependency_cycle`, and then nothing changed.
    ///
    /// The workspace's edges are locked.
    static func change(
        _ task: AgentTask, add: [AgentTask.ID], drop: [AgentTask.ID], in tx: Transaction
    ) throws {
        _ = try open(add, in: task.workspaceID, tx)
        try CycleSearch(task: task.id, tx: tx).check(add)
        if !drop.isEmpty {
            try tx.execute(
                """
                DELETE FROM task_dependencies
                WHERE task_id = \(task.id) AND depends_on_id \(in: drop)
                """)
        }
        try self.add(add, to: task.id, in: tx)
        try tx.execute(
            """
            UPDATE tasks SET open_dependencies = (
                SELECT count(*) FROM task_dependencies d JOIN tasks b ON b.id = d.depends_on_id
                WHERE d.task_id = \(task.id) AND b.status <> 'completed')
            WHERE id = \(task.id)
            """)
    }

    /// Adds edges that are not there yet; throws `too_many` where more than 1,000 would hang on one
    /// task, on either side.
    ///
    /// The workspace's edges are locked, and the blockers are known to be in it.
    static func add(
        _ blockers: [AgentTask.ID], to task: AgentTask.ID, in tx: Transaction
    ) throws {
        guard !blockers.isEmpty else { return }
        try tx.execute(
            """
            INSERT INTO task_dependencies (task_id, depends_on_id)
            SELECT \(task), id FROM tasks WHERE id \(in: blockers)
            ON CONFLICT (task_id, depends_on_id) DO NOTHING
            """)
        let most = Bounds.dependencies
        guard try TaskDependency.where({ $0.taskID == task }).count(in: tx) <= most else {
            throw tooMany(task, "The task would wait for too many.")
        }
        let crowded = try tx.rows(
            """
            SELECT d.depends_on_id FROM task_dependencies d JOIN tasks b ON b.id = d.depends_on_id
            WHERE d.depends_on_id \(in: blockers) AND b.status <> 'completed'
            GROUP BY d.depends_on_id HAVING count(*) > \(most) LIMIT 1
            """, as: AgentTask.ID.self)
        if let blocker = crowded.first {
            throw tooMany(blocker, "Too many tasks would wait for one.")
        }
    }

    private static func tooMany(_ task: AgentTask.ID, _ message: String) -> DibsError {
        DibsError(
            .tooMany, message, details: ["task": "\(task)", "limit": "\(Bounds.dependencies)"],
            hint: "Put a task between them that waits for some and that others wait for.")
    }

    /// Counts one blocker less in each task that waits for a completed one, in the order of ids.
    static func completed(_ task: AgentTask.ID, in tx: Transaction) throws {
        let waiting = try tx.rows(
            """
            SELECT id FROM tasks
            WHERE id IN (SELECT task_id FROM task_dependencies WHERE depends_on_id = \(task))
            ORDER BY id \(Lock.row)
            """, as: AgentTask.ID.self)
        guard !waiting.isEmpty else { return }
        let fewer = try tx.all(
            AgentTask.self,
            """
            UPDATE tasks SET open_dependencies = open_dependencies - 1 WHERE id \(in: waiting)
            RETURNING \(columns: AgentTask.self)
            """)
        tx.open(fewer)
    }
}
