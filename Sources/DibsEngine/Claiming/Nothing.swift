internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Says why a claim found nothing, from the same predicates that found it.
struct Nothing {
    let caller: Caller
    let request: ClaimRequest

    /// The first of the reasons that holds.
    func reason(in session: some Session) throws -> NothingReason {
        let here = request.workspaceID.map { SQL("WHERE id = \($0)") } ?? ""
        let reach: SQL = "SELECT id FROM (\(caller.claimableWorkspaces)) r \(here)"
        guard try exists(reach, in: session) else { return .noAccess }
        let pending: SQL = """
            SELECT t.id FROM tasks t WHERE t.workspace_id IN (\(reach)) AND t.status = 'pending'
            """
        guard try exists(pending, in: session) else { return .noTask }
        let lanes = Candidates(caller: caller, request: request).fittingLanes
        let fitting: SQL = """
            SELECT t.id FROM tasks t
            WHERE t.lane_id IN (SELECT id FROM (\(lanes)) l) AND t.status = 'pending'
            """
        return try exists(fitting, in: session) ? .notReady : .noMatch
    }

    private func exists(_ select: SQL, in session: some Session) throws -> Bool {
        try session.rows("SELECT 1 FROM (\(select) LIMIT 1) x", as: Int.self).first != nil
    }
}

/// Keeps which runners claim, so that a waiting task can be told nobody fit has asked.
enum RunnersSeen {
    /// Notes a runner once in 30 seconds, or when what it offers has changed.
    static func note(
        _ request: ClaimRequest, of account: Account.ID, in tx: Transaction
    ) throws {
        let now = try tx.now()
        try tx.execute(
            """
            INSERT INTO runners (account_id, name, capabilities, last_seen_at)
            VALUES (\(account), \(request.runner), \(request.capabilities), \(now))
            ON CONFLICT (account_id, name) DO UPDATE
            SET capabilities = excluded.capabilities, last_seen_at = excluded.last_seen_at
            WHERE runners.last_seen_at < \(now.addingTimeInterval(-30))
            OR runners.capabilities <> excluded.capabilities
            """)
    }
}
