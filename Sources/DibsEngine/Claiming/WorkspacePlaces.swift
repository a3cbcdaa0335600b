internal import DibsCore
internal import DibsData
internal import DibsSchema

/// The places left in the workspaces of a claim's candidates.
///
/// Only a workspace that limits its workers is locked and counted; the others serve any number of
/// accounts side by side.
struct WorkspacePlaces {
    private var workspaces: [Workspace.ID: Workspace]
    private var taken: [Workspace.ID: Int] = [:]

    /// Reads them, without a lock.
    static func seen(_ ids: Set<Workspace.ID>, in tx: Transaction) throws -> WorkspacePlaces {
        let ordered = ids.sorted()
        var found: [Workspace.ID: Workspace] = [:]
        for workspace in try Workspace.where({ $0.id.in(ordered) }).all(in: tx) {
            found[workspace.id] = workspace
        }
        return WorkspacePlaces(workspaces: found)
    }

    /// Reads them, and locks the limited ones in the order of their ids.
    static func locked(_ ids: Set<Workspace.ID>, in tx: Transaction) throws -> WorkspacePlaces {
        var places = try seen(ids, in: tx)
        try places.lock(in: tx)
        return places
    }

    /// Locks the limited ones in the order of their ids, and reads them again.
    mutating func lock(in tx: Transaction) throws {
        let limited = workspaces.values.filter { $0.maxWorkers != nil }.map(\.id).sorted()
        guard !limited.isEmpty else { return }
        let locked = try tx.all(
            Workspace.self,
            """
            SELECT \(columns: Workspace.self) FROM workspaces
            WHERE id \(in: limited) ORDER BY id \(Lock.row)
            """)
        for workspace in locked { workspaces[workspace.id] = workspace }
    }

    /// Locks a workspace whose place is about to be given back, before its task is.
    static func lock(_ id: Workspace.ID, in tx: Transaction) throws {
        _ = try tx.rows(
            """
            SELECT id FROM workspaces WHERE id = \(id) AND max_workers IS NOT NULL \(Lock.row)
            """, as: Workspace.ID.self)
    }

    private init(workspaces: [Workspace.ID: Workspace]) { self.workspaces = workspaces }

    /// Whether any of them limits its workers.
    var isLimited: Bool { workspaces.values.contains { $0.maxWorkers != nil } }

    /// The workspace of a candidate.
    func workspace(_ id: Workspace.ID) -> Workspace? { workspaces[id] }

    /// Whether one more worker fits.
    ///
    /// In one that is closed nothing begins, and who is at work there goes on to its end.
    func hasPlace(_ id: Workspace.ID, goingOn: Bool = false) -> Bool {
        guard let workspace = workspaces[id], goingOn || workspace.closedAt == nil else {
            return false
        }
        guard let limit = workspace.maxWorkers else { return true }
        return workspace.activeWorkers + taken[id, default: 0] < limit
    }

    /// Counts one more.
    mutating func take(_ id: Workspace.ID) { taken[id, default: 0] += 1 }

    /// Writes the new counts; the guard holds the limit once more.
    func store(in tx: Transaction) throws {
        for (id, count) in taken.sorted(by: { $0.key < $1.key })
        where workspaces[id]?.maxWorkers != nil {
            let stored = try tx.execute(
                """
                UPDATE workspaces SET active_workers = active_workers + \(count)
                WHERE id = \(id) AND active_workers + \(count) <= max_workers
                """)
            guard stored == 1 else { throw DataError(.engine, "a counter moved under its lock") }
        }
    }

    /// Counts the workers also where a limit was set since this was read; call it once the leases
    /// are written, for whoever sets a first limit waits for them before it counts.
    func confirm(in tx: Transaction) throws {
        guard tx.dialect == .postgres else { return }
        for (id, count) in taken.sorted(by: { $0.key < $1.key })
        where workspaces[id]?.maxWorkers == nil {
            let full = try tx.rows(
                """
                UPDATE workspaces SET active_workers = active_workers + \(count)
                WHERE id = \(id) AND max_workers IS NOT NULL
                RETURNING active_workers > max_workers
                """, as: Bool.self)
            guard full.first != true else {
                throw DibsError(
                    .workspaceLimit, "The workspace was given a limit while this claim ran.",
                    hint: "Claim again.")
            }
        }
    }

    /// Keeps leases as they are until the end of the transaction, for a count of them.
    static func lockLeases(in tx: Transaction) throws {
        guard tx.dialect == .postgres else { return }
        try tx.execute("LOCK TABLE leases IN SHARE MODE")
    }

    /// Gives one place back when a worker ends.
    static func release(_ id: Workspace.ID, in tx: Transaction) throws {
        let released = try tx.execute(
            """
            UPDATE workspaces SET active_workers = active_workers - 1
            WHERE id = \(id) AND max_workers IS NOT NULL AND active_workers > 0
            """)
        if released > 0 { tx.openRoom() }
    }
}
