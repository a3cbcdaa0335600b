internal import DibsCore
internal import HTTPTypes

/// Tasks, and what people decide about them.
enum TaskRoutes {
    static let all =
        [
            Route(.post, "/api/tasks", handler: create),
            Route(
                .get, "/api/tasks",
                query: ["workspaceId", "status", "archived", "with"] + Route.pageQuery,
                handler: list),
            Route(.get, "/api/tasks/{id}", query: ["with"], handler: read),
            Route(.patch, "/api/tasks/{id}", handler: change),
            Route(.delete, "/api/tasks/{id}", handler: remove),
            Route(.get, "/api/artifacts/{id}") { call in
                try .ok(await call.service.artifact(call.id(), as: call.caller))
            },
            Route(
                .get, "/api/tasks/{id}/why", query: ["capabilities", "runner"], handler: why),
        ] + decisions.map(route)

    private typealias Decision =
        @Sendable (
            any DibsService, Identifier<AgentTask>, Credential
        ) async throws -> AgentTask

    private static let decisions: [(verb: String, decide: Decision)] = [
        ("cancel", { try await $0.cancelTask($1, as: $2) }),
        ("retry", { try await $0.retryTask($1, as: $2) }),
        ("release", { try await $0.releaseTask($1, as: $2) }),
        ("approve", { try await $0.approveTask($1, as: $2) }),
        ("reject", { try await $0.rejectTask($1, as: $2) }),
    ]

    private static func route(_ verb: String, _ decide: @escaping Decision) -> Route {
        Route(.post, "/api/tasks/{id}/\(verb)") { call in
            try call.expectNoBody()
            return try .ok(await decide(call.service, call.id(), call.caller))
        }
    }

    @Sendable private static func create(_ call: Call) async throws -> Answer {
        let new = try call.decode(NewTask.self)
        let made = try await call.service.createTask(new, as: call.caller)
        return try .made(made, at: "/api/tasks/\(made.id)")
    }

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let filter = TaskFilter(
            workspaceID: try call.query.id("workspaceId"),
            status: try call.query.choice("status"),
            archived: try call.query.flag("archived") ?? false,
            parts: try call.query.choices("with"))
        return try await .list(
            call.service.tasks(filter, call.query.page(), as: call.caller), for: call)
    }

    @Sendable private static func why(_ call: Call) async throws -> Answer {
        let names = call.query.words("capabilities")
        let runner = call.query.text("runner")
        // Said and empty: asked for a runner that offers nothing.
        let capabilities = try Capabilities(names == [""] ? [] : names ?? [])
        let claimer: Claimer? =
            names == nil && runner == nil
            ? nil : Claimer(capabilities: capabilities, runner: runner)
        return try .ok(await call.service.why(call.id(), claimer, as: call.caller))
    }

    @Sendable private static func change(_ call: Call) async throws -> Answer {
        let change = try call.decode(TaskUpdate.self)
        return try .ok(await call.service.updateTask(call.id(), change, as: call.caller))
    }

    @Sendable private static func remove(_ call: Call) async throws -> Answer {
        try await call.service.deleteTask(call.id(), as: call.caller)
        return .done
    }

    @Sendable private static func read(_ call: Call) async throws -> Answer {
        let parts: Set<TaskPart> = try call.query.choices("with")
        return try .ok(await call.service.task(call.id(), with: parts, as: call.caller))
    }
}
