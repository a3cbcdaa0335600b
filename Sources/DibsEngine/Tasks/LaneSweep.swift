internal import DibsCore
internal import DibsData
internal import DibsSchema

/// Takes lanes away in which no open task waits, so that a claim does not read them for ever and
/// kinds of task that were tried once do not use up a workspace's.
///
/// Closed tasks still point to their lane: they are moved to the plain lane of the workspace, a
/// bounded number at a time; when one is tried again it finds its lane anew. Whoever puts a task
/// into a lane holds the lane. This never waits for anybody: what is held is left for later.
enum LaneSweep {
    /// Lanes looked at in one pass.
    static let lanesAtOnce = 100
    /// Lanes taken away for one task that needs a new one.
    static let removedForOne = 20
    /// Closed tasks moved in one pass.
    static let movesAtOnce = 1000

    private static let place = "lane_sweep"

    /// Looks at the next lanes, round and round; its place is kept in the database.
    static func pass(in tx: Transaction) throws {
        let kept = try tx.rows(
            "SELECT value FROM settings WHERE name = \(place) \(Lock.row)", as: String.self)
        let last = kept.first.flatMap { Lane.ID($0) }
        let after: SQL = last.map { "WHERE id > \($0)" } ?? ""
        let next = try tx.rows(
            "SELECT id FROM lanes \(after) ORDER BY id LIMIT \(lanesAtOnce)", as: Lane.ID.self)
        try remove(idle("l.id \(in: next)", lanesAtOnce, in: tx), in: tx)
        let end = next.count < lanesAtOnce ? "" : next.last.map { "\($0)" } ?? ""
        try tx.execute(
            """
            INSERT INTO settings (name, value) VALUES (\(place), \(end))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    }

    /// Makes room for one more lane of a workspace; throws `too_many` when as many as it may have
    /// hold open tasks.
    static func makeRoom(in workspace: Workspace.ID, in tx: Transaction) throws {
        let there = try Lane.where { $0.workspaceID == workspace }.count(in: tx)
        guard there >= Lanes.limit else { return }
        try remove(
            idle("l.workspace_id = \(workspace)", removedForOne, in: tx), in: tx)
        let used = try tx.rows(
            """
            SELECT count(*) FROM lanes l
            WHERE l.workspace_id = \(workspace) AND EXISTS (\(openTasks))
            """, as: Int.self)
        guard let used = used.first, used >= Lanes.limit else { return }
        throw DibsError(
            .tooMany, "The workspace has too many kinds of open task.",
            details: ["limit": "\(Lanes.limit)", "current": "\(used)"],
            hint: "Use fewer combinations of runnerPreference, requiredCapabilities and maxCost.")
    }

    private static var openTasks: SQL {
        "SELECT 1 FROM tasks t WHERE t.lane_id = l.id AND t.status \(in: TaskStatus.open)"
    }

    private static func idle(
        _ those: SQL, _ most: Int, in tx: Transaction
    ) throws -> [(lane: Lane.ID, workspace: Workspace.ID)] {
        try tx.rows(
            """
            SELECT l.id, l.workspace_id FROM lanes l
            WHERE \(those) AND NOT EXISTS (\(openTasks)) ORDER BY l.id LIMIT \(most)
            """, as: Lane.ID.self, Workspace.ID.self
        )
        .map { (lane: $0.0, workspace: $0.1) }
    }

    private static func remove(
        _ lanes: [(lane: Lane.ID, workspace: Workspace.ID)], in tx: Transaction
    ) throws {
        var moves = movesAtOnce
        for (lane, workspace) in lanes where moves > 0 {
            let plain = try Lanes.plain(of: workspace, in: tx)
            guard lane != plain else { continue }
            moves -= try remove(lane, movingTo: plain, atMost: moves, in: tx)
        }
    }

    /// Answers how many tasks it moved; the lane stays while anything still points to it.
    private static func remove(
        _ lane: Lane.ID, movingTo plain: Lane.ID, atMost most: Int, in tx: Transaction
    ) throws -> Int {
        let locked = try tx.rows(
            """
            SELECT id FROM lanes l WHERE id = \(lane)
            \(sqlite: "", postgres: "FOR UPDATE SKIP LOCKED")
            """, as: Lane.ID.self)
        guard !locked.isEmpty else { return 0 }
        // A statement of its own, after the lock: nobody has come since.
        let moved = try tx.execute(
            """
            UPDATE tasks SET lane_id = \(plain) WHERE id IN (
                SELECT id FROM tasks
                WHERE lane_id = \(lane) AND NOT (status \(in: TaskStatus.open))
                LIMIT \(most) \(Lock.rowOrSkip))
            """)
        let isUsed = try tx.rows(
            "SELECT 1 FROM tasks WHERE lane_id = \(lane) LIMIT 1", as: Int.self)
        if isUsed.isEmpty { try tx.delete(from: Lane.self) { $0.id == lane } }
        return moved
    }
}

extension TaskStatus {
    /// The states in which something may still come of a task.
    static let open = allCases.filter { !$0.isClosed }
}
