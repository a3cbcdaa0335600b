import DibsCore
import DibsTesting
import Foundation

/// A call of each route, made ready for each target; the keys are the routes of the table.
enum RouteCalls {
    typealias Making = @Sendable (RouteWorld, RouteTarget) async throws -> RouteCall

    static let all = accounts.merging(workspaces) { $1 }.merging(tasks) { $1 }
        .merging(workers) { $1 }.merging(service) { $1 }

    /// A call that is all in its path.
    private static func path(_ text: String) -> Making { { _, _ in RouteCall(path: text) } }

    private static func account(_ rest: String, _ body: String = "") -> Making {
        { RouteCall(path: "/api/accounts/\($0.account($1))\(rest)", body: body) }
    }

    private static let accounts: [String: Making] = [
        "POST /api/accounts": { _, _ in
            RouteCall(path: "/api/accounts", body: #"{"name": "another"}"#)
        },
        "GET /api/accounts": path("/api/accounts"),
        "GET /api/accounts/{id}": account(""),
        "PATCH /api/accounts/{id}": account("", #"{"name": "renamed"}"#),
        "DELETE /api/accounts/{id}": {
            RouteCall(path: "/api/accounts/\(try await $0.freshAccount($1))")
        },
        "POST /api/accounts/{id}/rotate-key": {
            RouteCall(path: "/api/accounts/\(try await $0.freshAccount($1))/rotate-key")
        },
        "GET /api/accounts/{id}/spend": account("/spend"),
        "PUT /api/accounts/{id}/workspaces/{workspaceId}": { world, target in
            let account = try await world.freshAccount(target)
            return RouteCall(
                path: "/api/accounts/\(account)/workspaces/\(world.workspace(target))", body: "{}")
        },
        "DELETE /api/accounts/{id}/workspaces/{workspaceId}": { world, target in
            let account = try await world.freshAccount(target)
            let workspace = world.workspace(target)
            if target != .absent {
                _ = try await world.bed.service.grant(
                    account, in: workspace, Rights(), as: world.bed.admin)
            }
            return RouteCall(path: "/api/accounts/\(account)/workspaces/\(workspace)")
        },
    ]

    private static func workspace(_ rest: String, _ body: String = "") -> Making {
        { RouteCall(path: "/api/workspaces/\($0.workspace($1))\(rest)", body: body) }
    }

    private static let workspaces: [String: Making] = [
        "POST /api/workspaces": { _, _ in
            RouteCall(path: "/api/workspaces", body: #"{"name": "\#(UUID().uuidString)"}"#)
        },
        "GET /api/workspaces": path("/api/workspaces"),
        "GET /api/workspaces/{id}": workspace(""),
        "PATCH /api/workspaces/{id}": workspace("", #"{"maxWorkers": null}"#),
        "DELETE /api/workspaces/{id}": {
            RouteCall(path: "/api/workspaces/\(try await $0.freshWorkspace($1))")
        },
        "POST /api/workspaces/{id}/sources": { world, target in
            let body = #"{"name": "\#(UUID().uuidString)"}"#
            return RouteCall(
                path: "/api/workspaces/\(world.workspace(target))/sources", body: body)
        },
        "GET /api/workspaces/{id}/sources": workspace("/sources"),
    ]

    private static func task(_ rest: String, _ body: String = "") -> Making {
        { RouteCall(path: "/api/tasks/\(try await $0.task($1))\(rest)", body: body) }
    }

    private static let tasks: [String: Making] = [
        "POST /api/tasks": {
            let body = #"{"workspaceId": "\#($0.workspace($1))", "title": "More"}"#
            return RouteCall(path: "/api/tasks", body: body)
        },
        "GET /api/tasks": { RouteCall(path: "/api/tasks?workspaceId=\($0.workspace($1))") },
        "GET /api/tasks/{id}": task(""),
        "PATCH /api/tasks/{id}": task("", #"{"priority": 1}"#),
        "DELETE /api/tasks/{id}": task(""),
        "GET /api/tasks/{id}/why": task("/why"),
        "POST /api/tasks/{id}/cancel": task("/cancel"),
        "POST /api/tasks/{id}/retry": { world, target in
            let task = try await world.task(target)
            if target != .absent {
                _ = try await world.bed.service.cancelTask(task, as: world.bed.admin)
            }
            return RouteCall(path: "/api/tasks/\(task)/retry")
        },
        "POST /api/tasks/{id}/release": { world, target in
            let (task, worker) = try await world.workedTask(target)
            return RouteCall(path: "/api/tasks/\(task)/release", token: token(of: worker, target))
        },
        "POST /api/tasks/{id}/approve": {
            RouteCall(path: "/api/tasks/\(try await $0.reviewedTask($1))/approve")
        },
        "POST /api/tasks/{id}/reject": {
            RouteCall(path: "/api/tasks/\(try await $0.reviewedTask($1))/reject")
        },
    ]

    private static func worker(_ rest: String, _ body: String = "") -> Making {
        {
            let worker = try await $0.worker($1)
            return RouteCall(
                path: "/api/workers/\(worker.id)\(rest)", body: body,
                token: token(of: worker, $1))
        }
    }

    /// The token of the worker that a call is about, where it is the owner's.
    private static func token(
        of worker: (id: Worker.ID, token: String), _ target: RouteTarget
    ) -> Credential? { target == .own ? Credential(worker.token) : nil }

    private static let workers: [String: Making] = [
        "POST /api/workers/claim": {
            let task = try await $0.task($1)
            return RouteCall(
                path: "/api/workers/claim", body: #"{"runner": "r", "taskId": "\#(task)"}"#)
        },
        "GET /api/workers": { RouteCall(path: "/api/workers?workspaceId=\($0.workspace($1))") },
        "GET /api/workers/{id}": worker(""),
        "PATCH /api/workers/{id}": worker("", #"{"progress": 40}"#),
        "POST /api/workers/{id}/heartbeat": worker("/heartbeat"),
        "POST /api/workers/{id}/artifacts": worker(
            "/artifacts", #"{"type": "log", "title": "Log", "content": "Done."}"#),
        "POST /api/workers/{id}/costs": worker("/costs", #"{"amountUsd": "0.01"}"#),
        "GET /api/workers/{id}/costs": worker("/costs"),
        "GET /api/artifacts/{id}": {
            let artifact = try await $0.artifact($1)
            return RouteCall(path: "/api/artifacts/\(artifact)")
        },
        "GET /api/costs": path("/api/costs?parked=true"),
        "POST /api/costs/{id}/accept": {
            RouteCall(path: "/api/costs/\(try await $0.parkedCost($1))/accept")
        },
        "POST /api/costs/{id}/drop": {
            RouteCall(path: "/api/costs/\(try await $0.parkedCost($1))/drop")
        },
        "POST /api/workers/{id}/answer": {
            let worker = try await $0.askingWorker($1)
            return RouteCall(
                path: "/api/workers/\(worker.id)/answer", body: #"{"answer": "Yes"}"#,
                token: token(of: worker, $1))
        },
        "GET /api/questions": {
            RouteCall(path: "/api/questions?taskId=\(try await $0.task($1))")
        },
    ]

    private static let service: [String: Making] = [
        "GET /healthz": path("/healthz"),
        "GET /readyz": path("/readyz"),
        "GET /api/caller": path("/api/caller"),
        "GET /api/measures": path("/api/measures"),
        "GET /metrics": path("/metrics"),
    ]
}
