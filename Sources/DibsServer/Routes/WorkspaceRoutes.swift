internal import DibsCore
internal import HTTPTypes

/// Workspaces, and the sources that bring them tasks.
enum WorkspaceRoutes {
    static let all = [
        Route(.post, "/api/workspaces", handler: create),
        Route(.get, "/api/workspaces", query: ["name"] + Route.pageQuery, handler: list),
        Route(.get, "/api/workspaces/{id}", handler: read),
        Route(.patch, "/api/workspaces/{id}", handler: change),
        Route(.delete, "/api/workspaces/{id}", handler: remove),
        Route(.post, "/api/workspaces/{id}/sources", handler: createSource),
        Route(
            .get, "/api/workspaces/{id}/sources", query: Route.pageQuery, handler: listSources),
    ]

    @Sendable private static func create(_ call: Call) async throws -> Answer {
        let new = try call.decode(NewWorkspace.self)
        let made = try await call.service.createWorkspace(new, as: call.caller)
        return try .made(made, at: "/api/workspaces/\(made.id)")
    }

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let name = call.query.text("name")
        return try await .list(
            call.service.workspaces(named: name, call.query.page(), as: call.caller), for: call)
    }

    @Sendable private static func read(_ call: Call) async throws -> Answer {
        try .ok(await call.service.workspace(call.id(), as: call.caller))
    }

    @Sendable private static func change(_ call: Call) async throws -> Answer {
        let change = try call.decode(WorkspaceChange.self)
        return try .ok(await call.service.updateWorkspace(call.id(), change, as: call.caller))
    }

    @Sendable private static func remove(_ call: Call) async throws -> Answer {
        try await call.service.deleteWorkspace(call.id(), as: call.caller)
        return .done
    }

    /// A source has no page of its own: its place is the list it is in.
    @Sendable private static func createSource(_ call: Call) async throws -> Answer {
        let workspace: Identifier<Workspace> = try call.id()
        let new = try call.decode(NewSource.self)
        let made = try await call.service.createSource(new, in: workspace, as: call.caller)
        return try .made(made, at: "/api/workspaces/\(workspace)/sources")
    }

    @Sendable private static func listSources(_ call: Call) async throws -> Answer {
        try await .list(
            call.service.sources(in: call.id(), call.query.page(), as: call.caller), for: call)
    }
}
