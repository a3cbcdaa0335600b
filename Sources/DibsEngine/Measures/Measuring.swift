package import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

extension Engine {
    package func measures(as caller: Credential) async throws -> Measures {
        try await read(as: caller) { snapshot, caller in
            let visible = caller.visibleWorkspaces
            let oldest = try AgentTask.where {
                $0.workspaceID.in(visible); $0.status == .pending
            }
            .order { $0.createdAt }.first(in: snapshot)
            let now = try snapshot.now()
            // The rank of a task of the highest priority that is made now.
            let best = now.addingTimeInterval(-1000 * TimeInterval(Measures.headStartSeconds))
            let tasks: SQL = "SELECT id FROM tasks WHERE workspace_id IN (\(visible))"
            return Measures(
                oldestPendingSeconds: oldest.map { seconds(from: $0.createdAt, to: now) } ?? 0,
                overtakingEndsInSeconds: oldest.map { seconds(from: best, to: $0.rank) } ?? 0,
                lanes: try Lane.where { $0.workspaceID.in(visible) }.count(in: snapshot),
                liveWorkers: try Worker.where {
                    $0.workspaceID.in(visible); $0.completedAt == nil
                }.count(in: snapshot),
                openQuestions: try Question.where {
                    $0.answeredAt == nil; $0.taskID.in(tasks)
                }.count(in: snapshot))
        }
    }
}

private func seconds(from start: Date, to end: Date) -> Int {
    max(0, Int(saturating: end.timeIntervalSince(start)))
}
