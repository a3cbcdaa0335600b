package import DibsCore
package import DibsData
internal import DibsJSON

extension Worker: Entity {
    /// One row an attempt; live is `completed_at IS NULL` and nothing else, by a CHECK.
    package static let table = Table<Worker>(
        "workers",
        Column("id", \.id, default: .random),
        Column("task_id", \.taskID),
        Column("workspace_id", \.workspaceID),
        Column("account_id", \.accountID),
        Column("runner", \.runner, check: "length(runner) BETWEEN 1 AND 200"),
        Column("name", \.name),
        Column("branch", \.branch),
        Column("status", \.status, default: .value(.idle)),
        Column("waiting_for", \.waitingFor),
        Column("progress", \.progress, default: .value(0), check: "progress BETWEEN 0 AND 100"),
        Column("milestones", \.milestones, default: .value([])),
        Column("current_action", \.currentAction),
        Column("cost_usd", \.costUSD, default: .value(.zero)),
        Column("input_tokens", \.inputTokens, default: .value(0), check: "input_tokens >= 0"),
        Column("output_tokens", \.outputTokens, default: .value(0), check: "output_tokens >= 0"),
        Column("turns", \.turns, default: .value(0), check: "turns >= 0"),
        Column("error", \.error),
        Column("failure_class", \.failureClass),
        Column("started_at", \.startedAt),
        Column("completed_at", \.completedAt),
        Column("pr_url", \.pullRequestURL),
        Column("commits", \.commits, default: .value(0), check: "commits >= 0"),
        Column("files_changed", \.filesChanged, default: .value(0), check: "files_changed >= 0"),
        Column("lines_added", \.linesAdded, default: .value(0), check: "lines_added >= 0"),
        Column("lines_removed", \.linesRemoved, default: .value(0), check: "lines_removed >= 0"),
        Column("created_at", \.createdAt, default: .now),
        Column("updated_at", \.updatedAt, default: .now),
        Column(
            "milestone_count", \.milestoneCount, default: .value(0), check: "milestone_count >= 0"),
        Column("last_report", \.lastReport),
        Column("warnings", \.warnings, default: .value([])),
        make: Worker.init,
        indexes: [
            Index("workers_task_idx") {
                $0.taskID; $0.createdAt
            },
            Index("workers_account_idx") {
                $0.accountID; $0.createdAt
            },
            Index("workers_status_idx") {
                $0.status
            } where: {
                $0.completedAt == nil
            },
            Index("workers_live_idx", unique: true) {
                $0.taskID
            } where: {
                $0.completedAt == nil
            },
            Index("workers_done_idx") {
                $0.workspaceID; $0.completedAt
            } where: {
                $0.status == .completed
            },
            Index("workers_released_idx") {
                $0.accountID; $0.completedAt
            } where: {
                $0.failureClass == .released
            },
        ],
        constraints: [
            "CHECK ((completed_at IS NULL) = (status NOT IN ('completed', 'error')))"
        ])

    /// The task it works on.
    package static let task = one(\.taskID)
    /// Workspace of its task.
    package static let workspace = one(\.workspaceID)
    /// Under whose limits.
    package static let account = one(\.accountID)
    /// The artifacts it left.
    package static let artifacts = many(\Artifact.workerID)
}
