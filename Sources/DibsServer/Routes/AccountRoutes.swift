internal import DibsCore
internal import HTTPTypes

/// Accounts, their limits and where they may work.
enum AccountRoutes {
    static let all = [
        Route(.post, "/api/accounts", handler: create),
        Route(.get, "/api/accounts", query: Route.pageQuery, handler: list),
        Route(.get, "/api/accounts/{id}", handler: read),
        Route(.patch, "/api/accounts/{id}", handler: change),
        Route(.delete, "/api/accounts/{id}", handler: remove),
        Route(.post, "/api/accounts/{id}/rotate-key", handler: rotateKey),
        Route(.get, "/api/accounts/{id}/spend", query: ["days"], handler: spend),
        Route(.put, "/api/accounts/{id}/workspaces/{workspaceId}", handler: grant),
        Route(.delete, "/api/accounts/{id}/workspaces/{workspaceId}", handler: revoke),
    ]

    @Sendable private static func create(_ call: Call) async throws -> Answer {
        let new = try call.decode(NewAccount.self)
        let made = try await call.service.createAccount(new, as: call.caller)
        return try .made(made, at: "/api/accounts/\(made.account.id)")
    }

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        try await .list(call.service.accounts(call.query.page(), as: call.caller), for: call)
    }

    @Sendable private static func read(_ call: Call) async throws -> Answer {
        let id: Identifier<Account>? = call.capture("id") == "me" ? nil : try call.id()
        return try .ok(await call.service.account(id, as: call.caller))
    }

    @Sendable private static func change(_ call: Call) async throws -> Answer {
        let id = try await account(of: call)
        let change = try call.decode(AccountChange.self)
        return try .ok(await call.service.updateAccount(id, change, as: call.caller))
    }

    @Sendable private static func remove(_ call: Call) async throws -> Answer {
        try await call.service.deleteAccount(account(of: call), as: call.caller)
        return .done
    }

    @Sendable private static func rotateKey(_ call: Call) async throws -> Answer {
        try call.expectNoBody()
        return try .ok(await call.service.rotateKey(of: account(of: call), as: call.caller))
    }

    @Sendable private static func spend(_ call: Call) async throws -> Answer {
        let days = try call.query.number("days") ?? 30
        return try .ok(
            await call.service.spending(of: account(of: call), days: days, as: call.caller))
    }

    @Sendable private static func grant(_ call: Call) async throws -> Answer {
        let id = try await account(of: call)
        let workspace: Identifier<Workspace> = try call.id("workspaceId")
        let rights = try call.decode(Rights.self)
        return try .ok(await call.service.grant(id, in: workspace, rights, as: call.caller))
    }

    @Sendable private static func revoke(_ call: Call) async throws -> Answer {
        let id = try await account(of: call)
        try await call.service.revoke(id, in: call.id("workspaceId"), as: call.caller)
        return .done
    }

    /// The account in the path; `me` is the caller's own.
    private static func account(of call: Call) async throws -> Identifier<Account> {
        guard call.capture("id") == "me" else { return try call.id() }
        return try await call.service.account(nil, as: call.caller).id
    }
}
