internal import DibsCore
internal import DibsData
internal import DibsSchema

/// Finds or makes the lane of a task.
///
/// A lane in which no open task waits is taken away by `LaneSweep`. So whoever has found one holds
/// it (FOR KEY SHARE) until its task is in it; a lane that goes at that moment is made anew.
struct Lanes {
    /// Lanes with open tasks one workspace may have.
    static let limit = 200

    private let workspace: Workspace.ID
    private let preference: RunnerPreference
    private let needed: Capabilities
    private let costClass: Int

    /// The lane of a task that is about to be made; throws `too_many` for a workspace's 201st.
    static func intern(for new: NewTask, in tx: Transaction) throws -> Lane.ID {
        // The workspace comes before its lanes, also for who removes it.
        try Lock.hold(new.workspaceID, in: tx)
        let lane = Lanes(
            workspace: new.workspaceID, preference: new.runnerPreference,
            needed: new.requiredCapabilities, costClass: CostClass.of(new.maxCost))
        if let known = try lane.find(in: tx) { return known }
        try LaneSweep.makeRoom(in: new.workspaceID, in: tx)
        return try lane.make(in: tx)
    }

    /// The lane of a task as its limits and what it cost have it now.
    static func intern(for task: AgentTask, in tx: Transaction) throws -> Lane.ID {
        let left = try TaskLimits.moneyLeft(of: [task], in: tx)[task.id]
        let lane = Lanes(
            workspace: task.workspaceID, preference: task.runnerPreference,
            needed: task.requiredCapabilities, costClass: CostClass.of(left))
        return try lane.find(in: tx) ?? lane.make(in: tx)
    }

    /// The lane of tasks that ask nothing of who takes them; it is never taken away.
    static func plain(of workspace: Workspace.ID, in tx: Transaction) throws -> Lane.ID {
        let lane = Lanes(workspace: workspace, preference: .any, needed: .none, costClass: 0)
        return try lane.find(in: tx) ?? lane.make(in: tx)
    }

    private func find(in tx: Transaction) throws -> Lane.ID? {
        try tx.rows(
            """
            SELECT id FROM lanes
            WHERE workspace_id = \(workspace) AND runner_preference = \(preference)
            AND required_capabilities = \(needed) AND cost_class = \(costClass)
            \(Lock.reference)
            """, as: Lane.ID.self
        ).first
    }

    private func make(in tx: Transaction) throws -> Lane.ID {
        for _ in 0..<8 {
            try tx.execute(
                """
                INSERT INTO lanes
                    (workspace_id, runner_preference, required_capabilities, cost_class)
                VALUES (\(workspace), \(preference), \(needed), \(costClass))
                ON CONFLICT (workspace_id, runner_preference, required_capabilities, cost_class)
                DO NOTHING
                """)
            if let lane = try find(in: tx) { return lane }
        }
        throw DibsError(.busy, "The lane of the task came and went.", hint: "Try again.")
    }
}
