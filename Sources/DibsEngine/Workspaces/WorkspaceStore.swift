package import DibsCore
internal import DibsData
internal import DibsSchema

extension Engine {
    package func createWorkspace(
        _ new: NewWorkspace, as caller: Credential
    ) async throws -> Workspace {
        try await writeOnce("POST workspaces", new, as: caller, recall: .row) { tx, caller in
            try caller.needAdmin()
            try Check.name(new.name, "name")
            try Check.object(new.memory, "memory")
            try Check.atLeastOne(new.maxWorkers, "maxWorkers")
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
        try await write(as: caller) { tx, caller in
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

    package func createSource(
        _ new: NewSource, in workspace: Identifier<Workspace>, as caller: Credential
    ) async throws -> Source {
        try await writeOnce("POST workspaces/\(workspace)/sources", new, as: caller, recall: .row) {
            tx, caller in
            try caller.needAccount()
            let workspace = try caller.creatable(workspace, in: tx)
            try Check.name(new.name, "name")
            try Check.object(new.config, "config")
            let source = try tx.insert(Source.self) {
                $0.workspaceID = workspace.id
                $0.type = new.type
                $0.name = new.name
                $0.config = new.config
            }
            try tx.record(.sourceCreated, workspace: workspace.id, account: caller.account.id)
            return source
        }
    }

    package func sources(
        in workspace: Identifier<Workspace>, _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<Source> {
        try await read(as: caller) { snapshot, caller in
            let workspace = try caller.workspace(workspace, in: snapshot)
            return try Source.where { $0.workspaceID == workspace.id }
                .order { $0.name }.page(page, in: snapshot)
        }
    }
}
