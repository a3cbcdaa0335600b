package import DibsCore
package import DibsData
internal import DibsJSON

extension AgentTask: Entity {
    /// One row a piece of work; `tasks_claim_idx` is what a claim reads.
    package static let table = Table<AgentTask>(
        "tasks",
        Column("id", \.id, default: .random),
        Column("workspace_id", \.workspaceID, onDelete: "CASCADE"),
        Column("lane_id", \.laneID),
        Column("source_id", \.sourceID),
        Column("external_id", \.externalID),
        Column("external_url", \.externalURL),
        Column("title", \.title, check: "length(title) BETWEEN 1 AND 500"),
        Column("description", \.description, default: .value("")),
        Column("context", \.context, default: .value([:])),
        Column("status", \.status, default: .value(.pending)),
        Column(
            "priority", \.priority, default: .value(0), check: "priority BETWEEN -1000 AND 1000"),
        Column(
            "rank", \.rank,
            generated: .either(
                sqlite: "created_at - priority * 3600000000",
                postgres: """
                    (created_at AT TIME ZONE 'UTC' - priority * interval '1 hour') \
                    AT TIME ZONE 'UTC'
                    """)),
        Column("runner_preference", \.runnerPreference, default: .value(.any)),
        Column("required_capabilities", \.requiredCapabilities, default: .value(.none)),
        Column("claimed_by", \.claimedBy),
        Column("claimed_at", \.claimedAt),
        Column("expires_at", \.expiresAt),
        Column("attempts", \.attempts, default: .value(0), check: "attempts >= 0"),
        Column("ends", \.ends, default: .value(0), check: "ends >= 0"),
        Column(
            "max_attempts", \.maxAttempts, default: .value(3),
            check: "max_attempts BETWEEN 1 AND 100"),
        Column("not_before", \.notBefore),
        Column(
            "open_dependencies", \.openDependencies, default: .value(0),
            check: "open_dependencies >= 0"),
        Column("open_questions", \.openQuestions, default: .value(0), check: "open_questions >= 0"),
        Column("dedupe_key", \.dedupeKey),
        Column("parent_task_id", \.parentTaskID),
        Column("max_cost", \.maxCost),
        Column("max_tokens", \.maxTokens, check: "max_tokens >= 1"),
        Column("max_duration_seconds", \.maxDurationSeconds, check: "max_duration_seconds >= 1"),
        Column("needs_review", \.needsReview, default: .value(false)),
        Column("result", \.result),
        Column("archived_at", \.archivedAt),
        Column("created_at", \.createdAt, default: .now),
        Column("updated_at", \.updatedAt, default: .now),
        make: AgentTask.init,
        indexes: [
            Index("tasks_claim_idx") {
                $0.laneID; $0.rank; $0.id
            } where: {
                $0.status == .pending
                $0.openDependencies == .literal(0)
                $0.openQuestions == .literal(0)
                $0.notBefore == nil
            },
            Index("tasks_workspace_idx") {
                $0.workspaceID; $0.createdAt; $0.id
            },
            Index("tasks_status_idx") {
                $0.status; $0.createdAt; $0.id
            },
            Index("tasks_claimed_by_idx") {
                $0.claimedBy
            } where: {
                $0.claimedBy != nil
            },
            Index("tasks_due_idx") {
                $0.notBefore
            } where: {
                $0.notBefore != nil
            },
            Index("tasks_external_idx", unique: true) {
                $0.sourceID; $0.externalID
            } where: {
                $0.externalID != nil
                $0.status.in([.pending, .assigned, .inProgress, .review])
            },
            Index("tasks_lane_idx") {
                $0.laneID; $0.status
            },
            Index("tasks_parent_idx") {
                $0.parentTaskID
            } where: {
                $0.parentTaskID != nil
            },
            Index("tasks_dedupe_idx", unique: true) {
                $0.workspaceID; $0.dedupeKey
            } where: {
                $0.dedupeKey != nil
                $0.status.in([.pending, .assigned, .inProgress, .review])
            },
        ])

    /// The workspace of the work.
    package static let workspace = one(\.workspaceID)
    /// Whose worker has it now.
    package static let claimer = one(\.claimedBy)
    /// The source it came from.
    package static let source = one(\.sourceID)
    /// The task that spawned it.
    package static let parent = one(\.parentTaskID)
    /// Its attempts.
    package static let workers = many(\Worker.taskID)
    /// The artifacts its workers left.
    package static let artifacts = many(\Artifact.taskID)
    /// The tasks it waits for.
    package static let blockers = many(through: \TaskDependency.taskID, \.dependsOnID)
}
