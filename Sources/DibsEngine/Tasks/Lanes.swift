internal import DibsCore
internal import DibsData
internal import DibsSchema

/// Finds or makes the lane of a task.
struct Lanes {
    /// Lanes one workspace may have.
    static let limit = 200

    private let workspace: Workspace.ID
    private let preference: RunnerPreference
    private let needed: Capabilities
    private let costClass: Int

    /// The lane of a task that is about to be made; throws `too_many` for a workspace's 201st.
    static func intern(for new: NewTask, in tx: Transaction) throws -> Lane.ID {
        let lane = Lanes(
            workspace: new.workspaceID, preference: new.runnerPreference,
            needed: new.requiredCapabilities, costClass: CostClass.of(new.maxCost))
        if let known = try lane.find(in: tx) { return known }
        let count = try Lane.where { $0.workspaceID == new.workspaceID }.count(in: tx)
        guard count < limit else {
            throw DibsError(
                .tooMany, "The workspace has too many kinds of task.",
                details: ["limit": "\(limit)", "current": "\(count)"],
                hint: "Use fewer combinations of runnerPreference, requiredCapabilities and "
                    + "maxCost.")
        }
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

    private func find(in tx: Transaction) throws -> Lane.ID? {
        try Lane.where {
            $0.workspaceID == workspace
            $0.runnerPreference == preference
            $0.requiredCapabilities == needed
            $0.costClass == costClass
        }
        .first(in: tx)?.id
    }

    private func make(in tx: Transaction) throws -> Lane.ID {
        try tx.execute(
            """
            INSERT INTO lanes (workspace_id, runner_preference, required_capabilities, cost_class)
            VALUES (\(workspace), \(preference), \(needed), \(costClass))
            ON CONFLICT (workspace_id, runner_preference, required_capabilities, cost_class)
            DO NOTHING
            """)
        guard let lane = try find(in: tx) else {
            throw DataError(.missing, "the lane was made by another transaction and is not seen")
        }
        return lane
    }
}
