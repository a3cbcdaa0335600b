internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// The likely cost of a task of a workspace: of its last 64 completed attempts, the cost that
/// nine of ten stayed below (the nearest rank of the 90th percentile).
///
/// The reaper works it out, so that a claim only reads it.
enum ExpectedCosts {
    /// Attempts that are looked at.
    static let window = 64
    /// With fewer than this, nothing is said.
    static let least = 8
    /// Seconds between two looks at one workspace.
    static let seconds: TimeInterval = 60

    /// Works it out anew for at most 20 open workspaces whose last look is a minute old.
    static func refresh(at now: Date, in tx: Transaction) throws {
        let due = try tx.rows(
            """
            SELECT id FROM workspaces WHERE closed_at IS NULL
            AND (expected_cost_at IS NULL
                OR expected_cost_at <= \(now.addingTimeInterval(-seconds)))
            ORDER BY id LIMIT 20 \(Lock.rowOrSkip)
            """, as: Workspace.ID.self)
        for workspace in due {
            let costs = try tx.rows(
                """
                SELECT cost_usd FROM workers
                WHERE workspace_id = \(workspace) AND status = 'completed'
                ORDER BY completed_at DESC LIMIT \(window)
                """, as: USD.self)
            let expected = percentile90(of: costs)
            try tx.update(Workspace.self) {
                $0.expectedCost = expected
                $0.expectedCostAt = now
            } where: {
                $0.id == workspace
            }
        }
    }

    /// The nearest rank; nil with too few costs, or when all are zero.
    static func percentile90(of costs: [USD]) -> USD? {
        guard costs.count >= least else { return nil }
        let rank = (costs.count * 9 + 9) / 10
        let cost = costs.sorted()[rank - 1]
        return cost > .zero ? cost : nil
    }
}
