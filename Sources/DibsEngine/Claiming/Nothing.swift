internal import DibsCore
internal import DibsData
internal import DibsSchema

/// Says why a claim found nothing, from the same predicates that found it.
struct Nothing {
    let caller: Caller
    let request: ClaimRequest

    /// The first of the reasons that holds.
    func reason(in session: some Session) throws -> NothingReason {
        guard try session.rows("\(reach) LIMIT 1", as: Workspace.ID.self).first != nil else {
            return .noAccess
        }
        guard try first(pending, in: session) != nil else { return .noTask }
        return try first(fitting, in: session) == nil ? .noMatch : .notReady
    }

    /// The gates between the claimer and one of the tasks it did not get; nil when none is pending.
    func why(in session: some Session) throws -> Why? {
        let id = try request.taskID ?? first(fitting, in: session) ?? first(pending, in: session)
        guard let id, let task = try AgentTask.find(id, in: session),
            let workspace = try Workspace.find(task.workspaceID, in: session)
        else { return nil }
        return try WhyQuestion(
            task: task, workspace: workspace, caller: caller,
            claimer: Claimer(capabilities: request.capabilities, runner: request.runner),
            session: session
        ).answer()
    }

    private var reach: SQL {
        let here = request.workspaceID.map { SQL("WHERE id = \($0)") } ?? ""
        return "SELECT id FROM (\(caller.claimableWorkspaces)) r \(here)"
    }

    private var pending: SQL {
        "SELECT t.id FROM tasks t WHERE t.workspace_id IN (\(reach)) AND t.status = 'pending'"
    }

    private var fitting: SQL {
        let lanes = Candidates(caller: caller, request: request).fittingLanes
        return """
            SELECT t.id FROM tasks t
            WHERE t.lane_id IN (SELECT id FROM (\(lanes)) l) AND t.status = 'pending'
            """
    }

    private func first(_ tasks: SQL, in session: some Session) throws -> AgentTask.ID? {
        try session.rows("\(tasks) LIMIT 1", as: AgentTask.ID.self).first
    }
}
