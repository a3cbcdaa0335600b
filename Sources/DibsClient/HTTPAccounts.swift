package import DibsCore
internal import NIOHTTP1

extension HTTPDibsService {
    package func createAccount(
        _ new: NewAccount, as caller: Credential
    ) async throws -> AccountWithKey {
        try await connection.send(.POST, "/api/accounts", body: new, as: caller)
    }

    package func accounts(
        _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Account> {
        try await connection.send(.GET, "/api/accounts", [:], page, as: caller)
    }

    package func account(
        _ id: Identifier<Account>?, as caller: Credential
    ) async throws -> Account {
        try await connection.send(
            .GET, "/api/accounts/\(id?.description ?? "me")", as: caller)
    }

    package func updateAccount(
        _ id: Identifier<Account>, _ change: AccountChange, as caller: Credential
    ) async throws -> Account {
        try await connection.send(.PATCH, "/api/accounts/\(id)", body: change, as: caller)
    }

    package func deleteAccount(
        _ id: Identifier<Account>, as caller: Credential
    ) async throws { try await connection.remove("/api/accounts/\(id)", as: caller) }

    package func rotateKey(
        of id: Identifier<Account>, as caller: Credential
    ) async throws -> AccountWithKey {
        try await connection.send(.POST, "/api/accounts/\(id)/rotate-key", as: caller)
    }

    package func spending(
        of id: Identifier<Account>?, days: Int, as caller: Credential
    ) async throws -> Spending {
        try await connection.send(
            .GET, "/api/accounts/\(id?.description ?? "me")/spend", ["days": "\(days)"],
            as: caller)
    }

    package func grant(
        _ id: Identifier<Account>, in workspace: Identifier<Workspace>, _ rights: Rights,
        as caller: Credential
    ) async throws -> Grant {
        try await connection.send(
            .PUT, "/api/accounts/\(id)/workspaces/\(workspace)", body: rights, as: caller)
    }

    package func revoke(
        _ id: Identifier<Account>, in workspace: Identifier<Workspace>, as caller: Credential
    ) async throws {
        try await connection.remove("/api/accounts/\(id)/workspaces/\(workspace)", as: caller)
    }
}
