internal import DibsCore
package import DibsData
internal import DibsSchema

/// Something that the database keeps twice and that does not agree.
package struct Finding: Sendable, Hashable, Codable {
    /// The fault: a constant sentence.
    package var what: String
    /// The row it is about.
    package var id: String
    /// The value that is kept.
    package var kept: String
    /// The value that the rows say.
    package var counted: String
    /// A command that puts it right, where there is one.
    package var remedy: String?

    /// Something that does not agree.
    package init(what: String, id: String, kept: String, counted: String, remedy: String? = nil) {
        (self.what, self.id, self.kept, self.counted) = (what, id, kept, counted)
        self.remedy = remedy
    }
}

/// Recomputes whatever is kept twice: counters, sums, and which rows must be there together.
///
/// At any commit it finds nothing.
package struct Doctor {
    /// A question whose rows are what is wrong: an id, what is kept, what was counted.
    private struct Check {
        let what: String
        let sql: SQL
    }

    /// The sentences of all its checks.
    package static var kinds: [String] { (counters + sums).map(\.what) }

    /// Everything that is wrong, at most 1,000 of a kind.
    static func findings(in snapshot: Snapshot) throws -> [Finding] {
        try counters.flatMap { check in
            let rows = try snapshot.rows(
                "\(check.sql) ORDER BY 1 LIMIT 1000", as: Identifier<Finding>.self, Int.self,
                Int.self)
            return rows.map {
                Finding(what: check.what, id: "\($0.0)", kept: "\($0.1)", counted: "\($0.2)")
            }
        }
            + sums.flatMap { check in
                let rows = try snapshot.rows(
                    "\(check.sql) ORDER BY 1 LIMIT 1000", as: Identifier<Finding>.self, USD.self,
                    USD.self)
                return rows.map {
                    Finding(what: check.what, id: "\($0.0)", kept: "\($0.1)", counted: "\($0.2)")
                }
            }
    }

    private static let counters = [
        Check(
            what: "An account's workers are not its counted leases.",
            sql: """
                SELECT * FROM (
                    SELECT a.id, a.active_workers AS kept, (SELECT count(*) FROM leases l
                        WHERE l.account_id = a.id AND l.counted) AS counted FROM accounts a) x
                WHERE kept <> counted
                """),
        Check(
            what: "An account's sessions are not its counted leases.",
            sql: """
                SELECT * FROM (
                    SELECT a.id, a.active_sessions AS kept, (SELECT count(*) FROM leases l
                        WHERE l.account_id = a.id AND l.counted) AS counted FROM accounts a) x
                WHERE kept <> counted
                """),
        Check(
            what: "A seat's sessions are not the counted leases of its accounts.",
            sql: """
                SELECT * FROM (
                    SELECT s.id, s.active AS kept, (SELECT count(*) FROM leases l
                        JOIN accounts a ON a.id = l.account_id
                        WHERE a.seat_id = s.id AND l.counted) AS counted FROM seats s) x
                WHERE kept <> counted
                """),
        Check(
            what: "A workspace's workers are not its counted leases.",
            sql: """
                SELECT * FROM (
                    SELECT w.id, w.active_workers AS kept, (SELECT count(*) FROM leases l
                        JOIN tasks t ON t.id = l.task_id
                        WHERE t.workspace_id = w.id AND l.counted) AS counted
                    FROM workspaces w WHERE w.max_workers IS NOT NULL) x
                WHERE kept <> counted
                """),
        Check(
            what: "A worker's life and its lease do not agree.",
            sql: """
                SELECT * FROM (
                    SELECT w.id, CASE WHEN w.completed_at IS NULL THEN 1 ELSE 0 END AS kept,
                        (SELECT count(*) FROM leases l WHERE l.worker_id = w.id) AS counted
                    FROM workers w) x
                WHERE kept <> counted
                """),
        Check(
            what: "A task that is at work has no lease, or one that is not has one.",
            sql: """
                SELECT * FROM (
                    SELECT t.id,
                        CASE WHEN t.status IN ('assigned', 'in_progress') THEN 1 ELSE 0 END AS kept,
                        (SELECT count(*) FROM leases l WHERE l.task_id = t.id) AS counted
                    FROM tasks t WHERE t.status <> 'cancelled') x
                WHERE kept <> counted
                """),
        Check(
            what: "A task waits for another number of tasks than it has open edges.",
            sql: """
                SELECT * FROM (
                    SELECT t.id, t.open_dependencies AS kept, (
                        SELECT count(*) FROM task_dependencies d
                        WHERE d.task_id = t.id AND d.is_open) AS counted
                    FROM tasks t) x
                WHERE kept <> counted
                """),
        Check(
            what: "An edge is open to a task that is completed, or closed to one that is not.",
            sql: """
                SELECT * FROM (
                    SELECT d.task_id AS id, CASE WHEN d.is_open THEN 1 ELSE 0 END AS kept,
                        CASE WHEN b.status = 'completed' THEN 0 ELSE 1 END AS counted
                    FROM task_dependencies d JOIN tasks b ON b.id = d.depends_on_id
                    WHERE NOT EXISTS (
                        SELECT 1 FROM countdowns c WHERE c.task_id = b.id AND d.is_open)) x
                WHERE kept <> counted
                """),
        Check(
            what: "A task has another number of open questions than it says.",
            sql: """
                SELECT * FROM (
                    SELECT t.id, t.open_questions AS kept, (
                        SELECT count(*) FROM questions q
                        WHERE q.task_id = t.id AND q.answered_at IS NULL) AS counted
                    FROM tasks t) x
                WHERE kept <> counted
                """),
        Check(
            what: "A day of the ledger has no sum.",
            sql: """
                SELECT * FROM (
                    SELECT DISTINCT c.account_id AS id, 0 AS kept, 1 AS counted
                    FROM cost_entries c LEFT JOIN account_days d
                        ON d.account_id = c.account_id AND d.day = c.day
                    WHERE d.account_id IS NULL) x
                WHERE kept <> counted
                """),
        Check(
            what: "An account's tasks are not those that ended with its workers' results.",
            sql: """
                SELECT * FROM (
                    SELECT a.id, a.total_tasks AS kept, (SELECT count(*) FROM events e
                        JOIN workers w ON w.id = e.worker_id
                        WHERE w.account_id = a.id
                            AND e.type IN ('task.completed', 'task.submitted')) AS counted
                    FROM accounts a) x
                WHERE kept <> counted
                """),
        Check(
            what: "A cost that was put aside is not in the ledger as it was decided on.",
            sql: """
                SELECT * FROM (
                    SELECT p.id,
                        CASE WHEN p.entry_id IS NULL OR p.decided_at IS NULL
                            THEN 0 ELSE 1 END AS kept,
                        (SELECT count(*) FROM cost_entries c
                            WHERE c.worker_id = p.worker_id AND c.sequence = p.sequence
                                AND (p.entry_id IS NULL
                                    OR c.id = p.entry_id AND c.amount = p.amount)) AS counted
                    FROM parked_costs p) x
                WHERE kept <> counted
                """),
    ]

    private static let sums = [
        Check(
            what: "An account's total is not the sum of its ledger.",
            sql: """
                SELECT * FROM (
                    SELECT a.id, a.total_cost AS kept, coalesce((
                        SELECT sum(c.amount) FROM cost_entries c WHERE c.account_id = a.id),
                        \(USD.zero)) AS counted FROM accounts a) x
                WHERE kept <> counted
                """),
        Check(
            what: "An account's day is not the sum of its ledger.",
            sql: """
                SELECT * FROM (
                    SELECT d.account_id AS id, d.spent AS kept, coalesce((
                        SELECT sum(c.amount) FROM cost_entries c
                        WHERE c.account_id = d.account_id AND c.day = d.day),
                        \(USD.zero)) AS counted FROM account_days d) x
                WHERE kept <> counted
                """),
        Check(
            what: "A worker's cost is not the sum of its ledger.",
            sql: """
                SELECT * FROM (
                    SELECT w.id, w.cost_usd AS kept, coalesce((
                        SELECT sum(c.amount) FROM cost_entries c WHERE c.worker_id = w.id),
                        \(USD.zero)) AS counted FROM workers w) x
                WHERE kept <> counted
                """),
    ]
}

extension Database {
    /// Everything in a migrated database that does not agree with itself; empty when all is well.
    package func findings() async throws -> [Finding] {
        try await translatingErrors {
            try await read { snapshot in
                try snapshot.liftTimeLimits()
                return try Doctor.findings(in: snapshot)
            }
        }
    }
}

extension Engine {
    /// Everything in the database that does not agree with itself; empty when all is well.
    package func findings() async throws -> [Finding] { try await database.findings() }
}
