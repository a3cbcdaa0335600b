internal import DibsCore
internal import DibsData
internal import DibsSchema

/// The edges between tasks, and the count of them that the claim's index goes by.
///
/// The count is that of a task's open edges. An edge closes when the task that it leads to is
/// completed: the first of them in the transaction that completes it, the others in steps of the
/// reaper, for any number of tasks may wait for one and nobody else is to wait for them. A row of
/// `countdowns` says until then that there are more, so that none is forgotten whoever dies.
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

    /// Counts those of the tasks that are not completed; throws `not_found` for one of another
    /// workspace.
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
                SELECT count(*) FROM task_dependencies
                WHERE task_id = \(task.id) AND \(isOpen))
            WHERE id = \(task.id)
            """)
    }

    /// Adds edges that are not there yet; throws `too_many` where the task would wait for more than
    /// 1,000.
    ///
    /// The workspace's edges are locked, and the blockers are known to be in it.
    static func add(
        _ blockers: [AgentTask.ID], to task: AgentTask.ID, in tx: Transaction
    ) throws {
        guard !blockers.isEmpty else { return }
        try tx.execute(
            """
            INSERT INTO task_dependencies (task_id, depends_on_id, is_open)
            SELECT \(task), id, status <> 'completed' FROM tasks WHERE id \(in: blockers)
            ON CONFLICT (task_id, depends_on_id) DO NOTHING
            """)
        let most = Bounds.dependencies
        guard try TaskDependency.where({ $0.taskID == task }).count(in: tx) <= most else {
            throw DibsError(
                .tooMany, "The task would wait for too many.",
                details: ["task": "\(task)", "limit": "\(most)"],
                hint: "Put tasks between them that wait for some and that this one waits for.")
        }
    }

    /// Edges that one transaction closes, at most: a few milliseconds' work.
    static let step = 250

    /// Counts a completed task down in those that wait for it: in the first of them now, and in the
    /// others by and by.
    static func completed(_ task: AgentTask.ID, in tx: Transaction) throws {
        guard try countDown(task, in: tx) else { return }
        let now = try tx.now()
        _ = try tx.insert(Countdown.self) {
            $0.taskID = task
            $0.createdAt = now
        }
    }

    /// Takes one step of one countdown, the oldest; answers whether there was one.
    static func goOn(in tx: Transaction) throws -> Bool {
        let oldest = try tx.rows(
            """
            SELECT c.task_id, t.workspace_id FROM countdowns c JOIN tasks t ON t.id = c.task_id
            ORDER BY c.created_at, c.task_id LIMIT 1
            """, as: AgentTask.ID.self, Workspace.ID.self)
        guard let (task, workspace) = oldest.first else { return false }
        try lockForCompletion(workspace, in: tx)
        let held = try tx.rows(
            "SELECT task_id FROM countdowns WHERE task_id = \(task) \(Lock.row)",
            as: AgentTask.ID.self)
        // Another server may have taken the last step meanwhile.
        guard !held.isEmpty else { return true }
        if try !countDown(task, in: tx) {
            try tx.execute("DELETE FROM countdowns WHERE task_id = \(task)")
        }
        return true
    }

    /// Closes the first open edges to a completed task, and counts one blocker less in each task
    /// that waits, in the order of ids; answers whether there are more.
    private static func countDown(_ task: AgentTask.ID, in tx: Transaction) throws -> Bool {
        let waiting = try tx.rows(
            """
            SELECT id FROM tasks WHERE id IN (
                SELECT task_id FROM task_dependencies
                WHERE depends_on_id = \(task) AND \(isOpen) ORDER BY task_id LIMIT \(step + 1))
            ORDER BY id \(Lock.row)
            """, as: AgentTask.ID.self)
        guard !waiting.isEmpty else { return false }
        let first = Array(waiting.prefix(step))
        try tx.execute(
            """
            UPDATE task_dependencies SET is_open = \(sqlite: "0", postgres: "false")
            WHERE depends_on_id = \(task) AND task_id \(in: first)
            """)
        let fewer = try tx.all(
            AgentTask.self,
            """
            UPDATE tasks SET open_dependencies = open_dependencies - 1 WHERE id \(in: first)
            RETURNING \(columns: AgentTask.self)
            """)
        tx.open(fewer)
        return waiting.count > step
    }

    /// As the index has it.
    private static let isOpen: SQL = .either(sqlite: "is_open = 1", postgres: "is_open = true")
}
