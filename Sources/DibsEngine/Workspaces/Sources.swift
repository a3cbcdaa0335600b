package import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

/// The settings of sources: tokens of other systems are among them, so they are sealed whole, and
/// only the names of the settings are ever answered, to admins.
enum SourceSettings {
    /// Seals what versions before this one kept in clear.
    static func sealThoseInClear(under secret: ServerSecret, in tx: Transaction) throws {
        let clear = try Source.where { $0.sealedConfig == nil }.all(in: tx)
        for source in clear { try seal(source.config ?? [:], of: source.id, secret, in: tx) }
    }

    /// Keeps the settings sealed at the source's row, and their names beside them.
    @discardableResult
    static func seal(
        _ config: JSON, of id: Source.ID, _ secret: ServerSecret, in tx: Transaction
    ) throws -> Source {
        let sealed = try secret.seal(config.canonicalText, .sourceConfig, at: "\(id)")
        let changed = try tx.update(Source.self) {
            $0.config = names(of: config)
            $0.sealedConfig = sealed
        } where: {
            $0.id == id
        }
        guard let source = changed.first else { throw DibsError.notFound("source", id) }
        return source
    }

    private static func names(of config: JSON) -> JSON {
        guard case .object(let members) = config else { return [:] }
        return .object(members.mapValues { _ in .null })
    }
}

extension Caller {
    /// A source of a workspace it may see, as it may see it; throws `not_found` for another.
    fileprivate func source(_ id: Source.ID, in session: some Session) throws -> Source {
        let visible = visibleWorkspaces
        let found = try Source.where {
            $0.id == id; $0.workspaceID.in(visible)
        }
        .first(in: session)
        guard let found else { throw DibsError.notFound("source", id) }
        return shown(found)
    }

    /// A source without what only admins see of it.
    fileprivate func shown(_ source: Source) -> Source {
        guard !isAdmin else { return source }
        var source = source
        source.config = nil
        return source
    }
}

extension Engine {
    package func createSource(
        _ new: NewSource, in workspace: Identifier<Workspace>, as caller: Credential
    ) async throws -> Source {
        let recall = Recall<Source>.row { try $0.source($1, in: $2) }
        let (operation, secret) = ("POST workspaces/\(workspace)/sources", secret)
        return try await writeOnce(operation, new, as: caller, recall: recall) {
            try $1.creatable(workspace, in: $0)
        } act: { tx, caller, workspace in
            let made = try tx.insert(Source.self) {
                $0.workspaceID = workspace.id
                $0.type = new.type
                $0.name = new.name
            }
            let source = try SourceSettings.seal(new.config, of: made.id, secret, in: tx)
            try tx.record(.sourceCreated, workspace: workspace.id, account: caller.account.id)
            return caller.shown(source)
        }
    }

    package func sources(
        in workspace: Identifier<Workspace>, _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<Source> {
        try await read(as: caller) { snapshot, caller in
            let workspace = try caller.workspace(workspace, in: snapshot)
            let found = try Source.where { $0.workspaceID == workspace.id }
                .order { $0.name }.page(page, in: snapshot)
            return DibsCore.Page(
                items: found.items.map(caller.shown), nextCursor: found.nextCursor)
        }
    }
}
