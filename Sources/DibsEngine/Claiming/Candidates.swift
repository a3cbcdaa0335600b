internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Finds the best tasks a claimer may take, without reading the ones it may not.
///
/// Whatever depends on the claimer is asked once a lane; what depends on the task alone is the
/// partial index `tasks_claim_idx`. So the cost grows with the lanes in reach and not with the
/// backlog: first the head of each lane, then the first tasks of the lanes with the best heads. The
/// predicate `ready` must be written exactly as the index has it, with literals, or neither engine
/// uses it.
struct Candidates {
    let caller: Caller
    let request: ClaimRequest
    /// Money the account's day has room for; nil is no limit, or that it does not matter.
    var money: USD?
    /// Tasks that the account gave back a moment ago.
    var passedOver: [AgentTask.ID] = []
    /// The workspaces looked at; a claim takes only where there is a place.
    var places = ClaimPlaces.free
    /// The floors of lanes that need not be read from their start; see `LaneFloors`.
    var floors: [(lane: Lane.ID, rank: Date)] = []

    /// A task that may be taken, as it was seen before any lock.
    struct Candidate: Sendable {
        let task: AgentTask.ID
        let workspace: Workspace.ID
        let maxCost: USD?
        let lane: Lane.ID
        let rank: Date
    }

    /// The condition that makes a task takable, as the index has it; `t` is the task.
    static let ready: SQL = """
        t.status = 'pending' AND t.open_dependencies = 0 AND t.open_questions = 0 \
        AND t.not_before IS NULL
        """

    /// Without statistics SQLite may take another index and sort the whole lane.
    private static let byClaimIndex: SQL = .either(
        sqlite: "INDEXED BY tasks_claim_idx", postgres: "")

    /// The lanes the claimer may take from, as a subquery.
    var fittingLanes: SQL {
        let fits: SQL = "l.runner_preference \(in: RunnerPreference.fitting(caller.account.type))"
        let here = request.workspaceID.map { SQL("AND l.workspace_id = \($0)") } ?? ""
        return """
            SELECT l.id, l.workspace_id FROM lanes l
            WHERE l.workspace_id IN (\(caller.claimable(places))) \(here) AND \(fits)
            AND \(offered(column: "l.required_capabilities")) \(affordable)
            """
    }

    /// Lanes of which a task may fit into the money; within a cost class the claim looks itself.
    private var affordable: SQL {
        guard let money else { return "" }
        return """
            AND (l.cost_class BETWEEN 1 AND \(CostClass.of(money)) OR EXISTS (
                SELECT 1 FROM workspaces x WHERE x.id = l.workspace_id AND (
                    x.expected_cost <= \(money)
                    OR (x.expected_cost IS NULL AND l.cost_class = 0))))
            """
    }

    private var others: SQL {
        passedOver.isEmpty ? "" : "AND NOT (t.id \(in: passedOver))"
    }

    /// Whether the runner offers all that a column of capabilities asks.
    private func offered(column: StaticString) -> SQL {
        let mine = request.capabilities
        return .either(
            sqlite: """
                NOT EXISTS (SELECT 1 FROM json_each(\(raw: column)) needed
                    WHERE needed.value NOT IN (SELECT value FROM json_each(\(mine))))
                """,
            postgres: "\(raw: column) <@ \(mine)")
    }

    /// At most `count` candidates, the best first.
    func best(_ count: Int, in tx: Transaction) throws -> [Candidate] {
        let sql = request.taskID.map { one($0) } ?? front(count)
        return try tx.rows(
            sql, as: AgentTask.ID.self, Workspace.ID.self, USD?.self, Lane.ID.self, Date.self
        )
        .map { Candidate(task: $0.0, workspace: $0.1, maxCost: $0.2, lane: $0.3, rank: $0.4) }
    }

    /// Whether there is any candidate at all.
    func areAny(in tx: Transaction) throws -> Bool {
        if try !best(1, in: tx).isEmpty { return true }
        guard !floors.isEmpty else { return false }
        var all = self
        all.floors = []
        return try !all.best(1, in: tx).isEmpty
    }

    private func one(_ task: AgentTask.ID) -> SQL {
        """
        SELECT t.id, t.workspace_id, t.max_cost, t.lane_id, t.rank FROM tasks t
        WHERE t.id = \(task) AND \(Self.ready) \(others)
        AND t.lane_id IN (SELECT id FROM (\(fittingLanes)) fit)
        """
    }

    private func front(_ count: Int) -> SQL {
        """
        WITH fit AS (\(fittingLanes)),
        heads AS MATERIALIZED (
            SELECT f.id, (
                SELECT t.rank FROM tasks t \(Self.byClaimIndex)
                WHERE t.lane_id = f.id AND \(Self.ready) \(others) \(aboveFloor)
                ORDER BY t.rank, t.id LIMIT 1) AS head
            FROM fit f \(withFloors)),
        best AS (
            SELECT id, head FROM heads WHERE head IS NOT NULL ORDER BY head, id LIMIT \(count)),
        last AS (SELECT max(head) AS head FROM best HAVING count(*) = \(count))
        SELECT c.id, c.workspace_id, c.max_cost, c.lane_id, c.rank FROM best b \(firstOfLane(count))
        ORDER BY c.rank, c.id LIMIT \(count)
        """
    }

    private var withFloors: SQL {
        guard !floors.isEmpty else { return "" }
        let (lanes, ranks) = (floors.map(\.lane), floors.map(\.rank))
        return """
            LEFT JOIN unnest(\(array: lanes), \(array: ranks)) AS known (lane, floor)
            ON known.lane = f.id
            """
    }

    private var aboveFloor: SQL {
        floors.isEmpty ? "" : "AND t.rank >= coalesce(known.floor, '-infinity')"
    }

    /// With as many heads as are wanted, nothing behind the last of them is among the best.
    private static let lastRank: SQL = .either(
        sqlite: "coalesce((SELECT head FROM last), 9223372036854775807)",
        postgres: "coalesce((SELECT head FROM last), 'infinity')")

    /// The first tasks of lane `b` from its head on, as `c`.
    ///
    /// SQLite has no LATERAL: there the ids come first.
    private func firstOfLane(_ count: Int) -> SQL {
        .either(
            sqlite: """
                JOIN tasks c ON c.id IN (
                    SELECT t.id FROM tasks t \(Self.byClaimIndex)
                    WHERE t.lane_id = b.id AND \(Self.ready) \(others)
                    AND t.rank BETWEEN b.head AND \(Self.lastRank)
                    ORDER BY t.rank, t.id LIMIT \(count))
                """,
            postgres: """
                CROSS JOIN LATERAL (
                    SELECT t.id, t.workspace_id, t.max_cost, t.lane_id, t.rank FROM tasks t
                    WHERE t.lane_id = b.id AND \(Self.ready) \(others)
                    AND t.rank BETWEEN b.head AND \(Self.lastRank)
                    ORDER BY t.rank, t.id LIMIT \(count)) c
                """)
    }
}
