internal import DibsCore
internal import DibsData
internal import DibsSchema

/// What tasks wait for, and the count of it that the claim's index goes by.
///
/// A count is true because whoever adds or drops an edge and whoever completes a task of the same
/// workspace exclude each other. Locking the tasks themselves would not do: the rows of a chain are
/// locked in the order of the chain by who completes, and in the order of ids by who adds.
enum Dependencies {
    /// Tasks one task may wait for.
    static let limit = 1000

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
        try checkCycle(from: task.id, to: add, in: tx)
        if !drop.isEmpty {
            try tx.execute(
                """
                DELETE FROM task_dependencies
                WHERE task_id = \(task.id) AND depends_on_id \(in: drop)
                """)
        }
        for blocker in Set(add).sorted() {
            try tx.execute(
                """
                INSERT INTO task_dependencies (task_id, depends_on_id)
                VALUES (\(task.id), \(blocker)) ON CONFLICT (task_id, depends_on_id) DO NOTHING
                """)
        }
        let count = try TaskDependency.where { $0.taskID == task.id }.count(in: tx)
        try Check.range(count, 0...limit, "addDependsOn")
        try tx.execute(
            """
            UPDATE tasks SET open_dependencies = (
                SELECT count(*) FROM task_dependencies d JOIN tasks b ON b.id = d.depends_on_id
                WHERE d.task_id = \(task.id) AND b.status <> 'completed')
            WHERE id = \(task.id)
            """)
    }

    /// Throws when one of the blockers waits, however far away, for the task itself.
    private static func checkCycle(
        from task: AgentTask.ID, to blockers: [AgentTask.ID], in tx: Transaction
    ) throws {
        guard !blockers.isEmpty else { return }
        let circle = try tx.rows(
            """
            WITH RECURSIVE waits (first, id) AS (
                SELECT id, id FROM tasks WHERE id \(in: blockers)
                UNION
                SELECT w.first, d.depends_on_id
                FROM waits w JOIN task_dependencies d ON d.task_id = w.id)
            SELECT first FROM waits WHERE id = \(task) LIMIT 1
            """, as: AgentTask.ID.self)
        guard let blocker = circle.first else { return }
        throw DibsError(
            .dependencyCycle, "The tasks would wait for each other.",
            details: ["task": "\(task)", "dependsOn": "\(blocker)"],
            hint: "That task waits for this one already; drop that edge first, or leave this out.")
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
