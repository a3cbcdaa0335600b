internal import DibsCore
internal import DibsData
internal import DibsSchema

/// Changes a workspace, closes it or opens it again.
struct WorkspaceEdit {
    let id: Workspace.ID
    let change: WorkspaceChange
    let tx: Transaction

    /// The workspace as it is after; throws `not_found`.
    func run(by caller: Caller) throws -> Workspace {
        let now = try tx.now()
        if change.maxWorkers != nil, try isUnlimited() { try WorkspacePlaces.lockLeases(in: tx) }
        let found = try tx.all(
            Workspace.self,
            "SELECT \(columns: Workspace.self) FROM workspaces WHERE id = \(id) \(Lock.row)")
        guard let before = found.first else { throw DibsError.notFound("workspace", id) }
        // Only a workspace with a limit counts its workers, so a first limit begins with a count.
        let counted = try change.maxWorkers.map { _ in try countWorkers() }
        let changed = try tx.update(Workspace.self) {
            if let name = change.name { $0.name = name }
            if let repo = change.repo { $0.repo = repo }
            if let path = change.localPath { $0.localPath = path }
            if let mode = change.accessMode { $0.accessMode = mode }
            if let git = change.gitConfig { $0.gitConfig = git.applied(to: before.gitConfig) }
            if let limit = change.maxWorkers { $0.maxWorkers = limit.value }
            if before.maxWorkers == nil, let counted { $0.activeWorkers = counted }
            if change.maxWorkers == .unlimited { $0.activeWorkers = 0 }
            if let closed = change.closed { $0.closedAt = closed ? before.closedAt ?? now : nil }
            $0.updatedAt = now
        } where: {
            $0.id == id
        }
        try tx.record(.workspaceUpdated, workspace: id, account: caller.account.id)
        return changed.first ?? before
    }

    private func isUnlimited() throws -> Bool {
        try Workspace.where {
            $0.id == id; $0.maxWorkers == nil
        }.count(in: tx) > 0
    }

    private func countWorkers() throws -> Int {
        let count = try tx.rows(
            """
            SELECT count(*) FROM leases l JOIN workers w ON w.id = l.worker_id
            WHERE w.workspace_id = \(id) AND l.counted
            """, as: Int.self)
        return count.first ?? 0
    }
}
