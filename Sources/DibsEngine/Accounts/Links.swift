package import DibsCore
internal import DibsData
internal import DibsSchema

extension Engine {
    package func grant(
        _ id: Identifier<Account>, in workspace: Identifier<Workspace>, _ rights: Rights,
        as caller: Credential
    ) async throws -> Grant {
        try await write(as: caller) { tx, caller in
            try caller.needAdmin()
            _ = try caller.account(id, in: tx)
            _ = try caller.workspace(workspace, in: tx)
            let grant = try tx.upsert(Grant.self, onConflict: [\.accountID, \.workspaceID]) {
                $0.accountID = id
                $0.workspaceID = workspace
                $0.canClaim = rights.canClaim
                $0.canCreate = rights.canCreate
                $0.canReview = rights.canReview
            }
            try tx.record(.accountGranted, workspace: workspace, account: id)
            tx.changeRules()
            return grant
        }
    }

    package func revoke(
        _ id: Identifier<Account>, in workspace: Identifier<Workspace>, as caller: Credential
    ) async throws {
        try await write(as: caller) { tx, caller in
            try caller.needAdmin()
            let removed = try tx.delete(from: Grant.self) {
                $0.accountID == id; $0.workspaceID == workspace
            }
            guard removed > 0 else { throw DibsError.notFound("grant to the account", id) }
            try tx.record(.accountRevoked, workspace: workspace, account: id)
            tx.changeRules()
        }
    }
}
