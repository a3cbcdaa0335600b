internal import DibsCore
internal import DibsData
internal import DibsSchema

/// The reach of a caller: the rows it may see, claim from and create in. Denied unless something
/// here allows it.
///
/// An admin may all. Anyone else has what the link says, and where there is none an open
/// workspace allows claiming and creating. Deciding and answering for others only a link allows.
extension Caller {
    /// Ids of the workspaces it may see, as a subquery.
    var visibleWorkspaces: SQL {
        guard !isAdmin else { return "SELECT id FROM workspaces" }
        // Whatever its account may see, a worker's token sees where it works.
        if let worker { return "SELECT id FROM workspaces WHERE id = \(worker.workspaceID)" }
        return """
            SELECT workspace_id FROM account_workspaces
            WHERE account_id = \(account.id) AND (can_claim OR can_create OR can_review)
            UNION SELECT id FROM workspaces WHERE access_mode = \(AccessMode.open)
            """
    }

    /// Ids of the workspaces it has the right to claim from, as a subquery, as far as they are
    /// such as `places` says.
    func claimable(_ places: ClaimPlaces) -> SQL {
        let those = places.predicate
        guard !isAdmin else { return "SELECT w.id FROM workspaces w WHERE \(those)" }
        return """
            SELECT w.id FROM account_workspaces aw JOIN workspaces w ON w.id = aw.workspace_id
            WHERE aw.account_id = \(account.id) AND aw.can_claim AND \(those)
            UNION
            SELECT w.id FROM workspaces w
            WHERE w.access_mode = \(AccessMode.open) AND \(those) AND NOT EXISTS (
                SELECT 1 FROM account_workspaces aw
                WHERE aw.workspace_id = w.id AND aw.account_id = \(account.id))
            """
    }

    /// An account it may see: any for an admin, its own for everyone else; nil is its own.
    func account(_ id: Account.ID?, in session: some Session) throws -> Account {
        guard let id, id != account.id else { return account }
        let found = try isAdmin ? Account.where { $0.id == id }.first(in: session) : nil
        guard let found else { throw DibsError.notFound("account", id) }
        return found
    }

    /// A workspace it may see; throws `not_found` for one it may not.
    func workspace(_ id: Workspace.ID, in session: some Session) throws -> Workspace {
        let visible = visibleWorkspaces
        let found = try Workspace.where {
            $0.id == id; $0.id.in(visible)
        }.first(in: session)
        guard let found else { throw DibsError.notFound("workspace", id) }
        return found
    }

    /// A task it may see; throws `not_found` for one it may not.
    func task(_ id: AgentTask.ID, in session: some Session) throws -> AgentTask {
        let visible = visibleWorkspaces
        let found = try AgentTask.where {
            $0.id == id; $0.workspaceID.in(visible)
        }
        .first(in: session)
        guard let found else { throw DibsError.notFound("task", id) }
        return found
    }

    /// A worker it may see; throws `not_found` for one it may not.
    func worker(_ id: Worker.ID, in session: some Session) throws -> Worker {
        let visible = visibleWorkspaces
        let found = try Worker.where {
            $0.id == id; $0.workspaceID.in(visible)
        }
        .first(in: session)
        guard let found else { throw DibsError.notFound("worker", id) }
        return found
    }

    /// An artifact of a task it may see; throws `not_found` for another.
    func artifact(_ id: Artifact.ID, in session: some Session) throws -> Artifact {
        let visible = visibleWorkspaces
        let found = try Artifact.where {
            $0.id == id
            $0.taskID.in("SELECT id FROM tasks WHERE workspace_id IN (\(visible))")
        }
        .first(in: session)
        guard let found else { throw DibsError.notFound("artifact", id) }
        return found
    }

    /// A question of a task it may see; throws `not_found` for another.
    func question(_ id: Question.ID, in session: some Session) throws -> Question {
        guard let found = try Question.find(id, in: session) else {
            throw DibsError.notFound("question", id)
        }
        _ = try task(found.taskID, in: session)
        return found
    }

    /// Throws `forbidden` unless it is an admin.
    func needAdmin() throws {
        guard isAdmin else {
            throw DibsError.forbidden(
                "Only an admin may do this.", hint: "Use an admin's key, or ask an admin.")
        }
    }

    /// Throws `forbidden` for a worker's token, for what only people may do.
    func needAccount() throws {
        guard worker == nil else {
            throw DibsError.forbidden(
                "A worker's token may only write to its own worker.",
                hint: "Use an account's key for this.")
        }
    }

    /// A workspace it may add tasks and sources to; throws `not_found` or `forbidden`.
    func creatable(_ id: Workspace.ID, in session: some Session) throws -> Workspace {
        try needAccount()
        let workspace = try workspace(id, in: session)
        let rights = try rights(in: workspace, session)
        guard rights.canCreate, workspace.closedAt == nil else {
            throw DibsError(
                .forbidden, "You may not create in this workspace.",
                details: ["workspace": workspace.name],
                hint: "Ask an admin: dibs account grant ACCOUNT WORKSPACE --can-create.")
        }
        return workspace
    }

    /// A workspace in which it may decide about tasks and answer for people, closed or not; throws
    /// `not_found` or `forbidden`.
    @discardableResult
    func reviewable(_ id: Workspace.ID, in session: some Session) throws -> Workspace {
        try needAccount()
        let workspace = try workspace(id, in: session)
        guard try rights(in: workspace, session).canReview else {
            throw DibsError(
                .forbidden, "You may not decide or answer in this workspace.",
                details: ["workspace": workspace.name],
                hint: "Ask an admin: dibs account grant ACCOUNT WORKSPACE --can-review.")
        }
        return workspace
    }

    /// Finds its rights in a workspace it sees.
    func rights(in workspace: Workspace, _ session: some Session) throws -> Rights {
        guard !isAdmin else { return Rights(canClaim: true, canCreate: true, canReview: true) }
        let (me, there) = (account.id, workspace.id)
        let grant = try Grant.where {
            $0.accountID == me; $0.workspaceID == there
        }
        .first(in: session)
        if let grant {
            return Rights(
                canClaim: grant.canClaim, canCreate: grant.canCreate, canReview: grant.canReview)
        }
        let isOpen = workspace.accessMode == .open
        return Rights(canClaim: isOpen, canCreate: isOpen, canReview: false)
    }
}

/// The state of a workspace as far as it decides whether a claim may begin there, whoever claims.
enum ClaimPlaces {
    /// Every workspace, the closed ones too.
    case all
    /// Those that are not closed, whether or not their limit leaves a place.
    case open
    /// Those that are not closed and have a place for one more worker.
    case free
    /// Those that are not closed and have as many workers as they may.
    case full

    /// The condition on the workspace `w`.
    fileprivate var predicate: SQL {
        switch self {
        case .all: "TRUE"
        case .open: "w.closed_at IS NULL"
        case .free:
            """
            w.closed_at IS NULL \
            AND (w.max_workers IS NULL OR w.active_workers < w.max_workers)
            """
        case .full: "w.closed_at IS NULL AND w.active_workers >= w.max_workers"
        }
    }
}
