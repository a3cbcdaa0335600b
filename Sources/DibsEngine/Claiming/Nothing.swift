internal import DibsCore
internal import DibsData
internal import DibsSchema

/// Says why a claim found nothing, from the same predicates that found it.
struct Nothing {
    let caller: Caller
    let request: ClaimRequest

    /// The first of the reasons that holds.
    func reason(in session: some Session) throws -> NothingReason {
        let rights = reach(.all)
        guard try session.rows("\(rights) LIMIT 1", as: Workspace.ID.self).first != nil else {
            return .noAccess
        }
        guard try first(pending, in: session) != nil else { return .noTask }
        guard try first(fitting, in: session) != nil else { return .noMatch }
        return try first(crowdedOut(in: session), in: session) == nil
            ? .notReady : .workspaceLimit
    }

    /// The gates between the claimer and one of the tasks it did not get; nil when none is pending.
    func why(in session: some Session) throws -> Why? {
        let id =
            try request.taskID ?? first(crowdedOut(in: session), in: session)
            ?? first(fitting, in: session) ?? first(pending, in: session)
        let visible = caller.visibleWorkspaces
        guard let id,
            let task = try AgentTask.where({
                $0.id == id
                $0.workspaceID.in(visible)
            }).first(in: session),
            let workspace = try Workspace.find(task.workspaceID, in: session)
        else { return nil }
        return try WhyQuestion(
            task: task, workspace: workspace, caller: caller,
            claimer: Claimer(capabilities: request.capabilities, runner: request.runner),
            session: session
        ).answer()
    }

    private func reach(_ places: ClaimPlaces) -> SQL {
        let here = request.workspaceID.map { SQL("WHERE id = \($0)") } ?? ""
        return "SELECT id FROM (\(caller.claimable(places))) r \(here)"
    }

    /// The condition that the request names no other task.
    private var asked: SQL { request.taskID.map { SQL("AND t.id = \($0)") } ?? "" }

    private var pending: SQL {
        """
        SELECT t.id FROM tasks t
        WHERE t.workspace_id IN (\(reach(.open))) AND t.status = 'pending' \(asked)
        """
    }

    /// Pending tasks for this type of account and these capabilities.
    private var fitting: SQL {
        """
        SELECT t.id FROM tasks t
        WHERE t.lane_id IN (\(lanes(.open))) AND t.status = 'pending' \(asked)
        """
    }

    /// Those that nothing keeps from the claimer but the limit of their workspace.
    private func crowdedOut(in session: some Session) throws -> SQL {
        let released = try PassedOver.tasks(
            of: caller.account.id, naming: request.taskID, at: session.now(), in: session)
        let others = released.isEmpty ? "" : SQL("AND NOT (t.id \(in: released))")
        return """
            SELECT t.id FROM tasks t
            WHERE t.lane_id IN (\(lanes(.full))) AND \(Candidates.ready) \(asked) \(others)
            """
    }

    private func lanes(_ places: ClaimPlaces) -> SQL {
        var candidates = Candidates(caller: caller, request: request)
        candidates.places = places
        return "SELECT id FROM (\(candidates.fittingLanes)) l"
    }

    private func first(_ tasks: SQL, in session: some Session) throws -> AgentTask.ID? {
        try session.rows("\(tasks) LIMIT 1", as: AgentTask.ID.self).first
    }
}
