package import DibsCore
internal import DibsData
internal import DibsSchema

extension Engine {
    package func createWorkspace(
        _ new: NewWorkspace, as caller: Credential
    ) async throws -> Workspace {
        let recall = Recall<Workspace>.row { try $0.workspace($1, in: $2) }
        return try await writeOnce("POST workspaces", new, as: caller, recall: recall) {
            try $1.needAdmin()
        } act: { tx, caller, _ in
            let workspace = try tx.insert(Workspace.self) {
                $0.name = new.name
                $0.repo = new.repo
                $0.localPath = new.localPath
                $0.memory = new.memory
                $0.accessMode = new.accessMode
                $0.gitConfig = new.gitConfig
                $0.maxWorkers = new.maxWorkers
            }
            try tx.record(
                .workspaceCreated, workspace: workspace.id, account: caller.account.id)
            return workspace
        }
    }

    package func workspaces(
        named name: String?, _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<Workspace> {
        try await read(as: caller) { snapshot, caller in
            let visible = caller.visibleWorkspaces
            let query = Workspace.where {
                $0.id.in(visible)
                if let name { $0.name == name }
            }
            return try query.order { $0.name }.page(page, in: snapshot)
        }
    }

    package func workspace(
        _ id: Identifier<Workspace>, as caller: Credential
    ) async throws -> Workspace {
        try await read(as: caller) { snapshot, caller in
            try caller.workspace(id, in: snapshot)
        }
    }

    package func updateWorkspace(
        _ id: Identifier<Workspace>, _ change: WorkspaceChange, as caller: Credential
    ) async throws -> Workspace {
        try change.check()
        return try await write(as: caller) { tx, caller in
            try caller.needAdmin()
            tx.changeRules()
            return try WorkspaceEdit(id: id, change: change, tx: tx).run(by: caller)
        }
    }

    package func deleteWorkspace(
        _ id: Identifier<Workspace>, as caller: Credential
    ) async throws {
        try await write(as: caller) { tx, caller in
            try caller.needAdmin()
            _ = try caller.workspace(id, in: tx)
            try Removal.check(
                "A task of the workspace was claimed before.",
                hint: "Close it: dibs workspace close. Its tasks and their costs stay.", in: tx
            ) { "SELECT 1 FROM workers WHERE workspace_id = \(id)" }
            try tx.delete(from: Workspace.self) { $0.id == id }
            try tx.record(.workspaceDeleted, workspace: id, account: caller.account.id)
        }
    }
}
