package import DibsCore
package import DibsData

/// Runs a piece of work and turns what the database says into an error of Dibs.
package func translatingErrors<T>(_ body: () async throws -> T) async throws -> T {
    do { return try await body() } catch let error as DataError { throw DibsError(error) }
}

extension DibsError {
    /// Translates an error of the database: one that is the operator's to mend names the way,
    /// and only what is left over is a fault of ours.
    package init(_ error: DataError) {
        let reason = ["reason": error.message]
        switch error.code {
        case .busy:
            self.init(
                .busy, "The server has more work waiting than it takes on.",
                hint: "Try again in a moment.")
        case .unavailable:
            self.init(
                .unavailable, "The database cannot be reached.", details: reason,
                hint: "See that it runs, and its disk is there; the server goes on by itself.")
        case .open:
            self.init(
                .unavailable, "The database cannot be opened.", details: reason,
                hint: "Check --database or DIBS_DATABASE_URL, and the reason.")
        case .full:
            self.init(
                .unavailable, "The database's disk is full.", details: reason,
                hint: "Make room on it; the server goes on by itself.")
        case .denied:
            self.init(
                .unavailable, "The database does not let this user do that.", details: reason,
                hint: "Give the user the right, or the file to the user; see the reason.")
        case .damaged:
            self.init(
                .unavailable, "The database is damaged.", details: reason,
                hint: "Stop its servers, keep a copy, and restore a backup.")
        case .absent:
            self = .notSetUp(error.message)
        case .foreign:
            self.init(
                .notSetUp, "That database is another program's.", details: reason,
                hint: "Give Dibs a database of its own: --database or DIBS_DATABASE_URL.")
        case .migration:
            self.init(
                .migrationDrift, "The database's migrations are not this version's.",
                details: reason,
                hint: "Run the version of dibs that made it, or a newer one; see dibs migrate.")
        case .unknownOutcome:
            self.init(
                .unknownOutcome, "The connection was lost while the change was being committed.",
                hint: "Read it again before you repeat it.")
        case .badCursor:
            self.init(
                .invalidCursor, "That cursor is not one of this list.",
                hint: "Pass nextCursor of the page before as it is, or none for the start.")
        case .constraint where Self.names.contains(error.constraint ?? ""):
            self.init(
                .nameTaken, "That name is taken.", details: ["name": error.constraint ?? ""],
                hint: "Choose another name, or use the one that is there.")
        case .constraint where Self.keys.contains(error.constraint ?? ""):
            self = .duplicateTask(nil)
        default:
            self.init(
                .databaseFailed, "The database refused a statement.",
                details: ["reason": error.message],
                hint: "This is a fault of Dibs: report it with the reason.")
        }
    }

    /// That nobody has set up a database yet.
    package static func notSetUp(_ reason: String) -> DibsError {
        DibsError(
            .notSetUp, "There is no Dibs here yet.", details: ["reason": reason],
            hint: "Start one with dibs serve, or name its database: --database.")
    }

    /// That a task with the same key is there; which one, when it could be seen.
    static func duplicateTask(_ id: AgentTask.ID?) -> DibsError {
        DibsError(
            .duplicate, "An open task with that key is there already.",
            details: id.map { ["task": "\($0)"] } ?? [:],
            hint: "Use the task that is there; the key is free again when it is closed.")
    }

    /// The unique constraints that stand for a key of one open task.
    private static let keys: Set = [
        "tasks_dedupe_idx", "tasks.workspace_id, tasks.dedupe_key",
        "tasks_external_idx", "tasks.source_id, tasks.external_id",
    ]

    /// The unique constraints that stand for a name, as PostgreSQL and as SQLite call them.
    private static let names: Set = [
        "workspaces_name_key", "workspaces.name", "seats_name_key", "seats.name",
        "sources_workspace_idx", "sources.workspace_id, sources.name",
    ]
}
