package import DibsCore
internal import NIOHTTP1

extension HTTPDibsService {
    package func createTask(_ new: NewTask, as caller: Credential) async throws -> AgentTask {
        try await connection.send(.POST, "/api/tasks", body: new, as: caller)
    }

    package func tasks(
        _ filter: TaskFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<TaskView> {
        let query = [
            "workspaceId": filter.workspaceID?.description, "status": filter.status?.rawValue,
            "archived": filter.archived ? "true" : nil, "with": Self.list(filter.parts),
        ]
        return try await connection.send(.GET, "/api/tasks", query, page, as: caller)
    }

    package func task(
        _ id: Identifier<AgentTask>, with parts: Set<TaskPart>, as caller: Credential
    ) async throws -> TaskView {
        try await connection.send(
            .GET, "/api/tasks/\(id)", ["with": Self.list(parts)], as: caller)
    }

    package func why(
        _ id: Identifier<AgentTask>, _ claimer: Claimer?, as caller: Credential
    ) async throws -> Why {
        let names = claimer?.capabilities.names.joined(separator: ",")
        let query = ["capabilities": names, "runner": claimer?.runner]
        return try await connection.send(.GET, "/api/tasks/\(id)/why", query, as: caller)
    }

    package func updateTask(
        _ id: Identifier<AgentTask>, _ change: TaskUpdate, as caller: Credential
    ) async throws -> AgentTask {
        try await connection.send(.PATCH, "/api/tasks/\(id)", body: change, as: caller)
    }

    package func deleteTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws { try await connection.remove("/api/tasks/\(id)", as: caller) }

    package func artifact(
        _ id: Identifier<Artifact>, as caller: Credential
    ) async throws -> ArtifactWithContent {
        try await connection.send(.GET, "/api/artifacts/\(id)", as: caller)
    }

    private static func list(_ parts: Set<TaskPart>) -> String? {
        parts.isEmpty ? nil : parts.map(\.rawValue).sorted().joined(separator: ",")
    }

    package func cancelTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask { try await change(id, "cancel", as: caller) }

    package func retryTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask { try await change(id, "retry", as: caller) }

    package func releaseTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask { try await change(id, "release", as: caller) }

    package func approveTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask { try await change(id, "approve", as: caller) }

    package func rejectTask(
        _ id: Identifier<AgentTask>, as caller: Credential
    ) async throws -> AgentTask { try await change(id, "reject", as: caller) }

    private func change(
        _ id: Identifier<AgentTask>, _ verb: String, as caller: Credential
    ) async throws -> AgentTask {
        try await connection.send(.POST, "/api/tasks/\(id)/\(verb)", as: caller)
    }
}
