package import DibsCore
internal import NIOHTTP1

extension HTTPDibsService {
    package func createWorkspace(
        _ new: NewWorkspace, as caller: Credential
    ) async throws -> Workspace {
        try await connection.send(.POST, "/api/workspaces", body: new, as: caller)
    }

    package func workspaces(
        named name: String?, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Workspace> {
        try await connection.send(.GET, "/api/workspaces", ["name": name], page, as: caller)
    }

    package func workspace(
        _ id: Identifier<Workspace>, as caller: Credential
    ) async throws -> Workspace {
        try await connection.send(.GET, "/api/workspaces/\(id)", as: caller)
    }

    package func updateWorkspace(
        _ id: Identifier<Workspace>, _ change: WorkspaceChange, as caller: Credential
    ) async throws -> Workspace {
        try await connection.send(.PATCH, "/api/workspaces/\(id)", body: change, as: caller)
    }

    package func deleteWorkspace(
        _ id: Identifier<Workspace>, as caller: Credential
    ) async throws { try await connection.remove("/api/workspaces/\(id)", as: caller) }

    package func createSource(
        _ new: NewSource, in workspace: Identifier<Workspace>, as caller: Credential
    ) async throws -> Source {
        try await connection.send(
            .POST, "/api/workspaces/\(workspace)/sources", body: new, as: caller)
    }

    package func sources(
        in workspace: Identifier<Workspace>, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Source> {
        try await connection.send(
            .GET, "/api/workspaces/\(workspace)/sources", [:], page, as: caller)
    }
}
