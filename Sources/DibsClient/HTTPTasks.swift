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
            "with": Self.list(filter.parts),
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
        _ id: Identifier<AgentTask>, offering capabilities: Capabilities, as caller: Credential
    ) async throws -> Why {
        let names = capabilities.names.joined(separator: ",")
        return try await connection.send(
            .GET, "/api/tasks/\(id)/why", ["capabilities": names.isEmpty ? nil : names],
            as: caller)
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
