internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import DibsSchema
internal import DibsServer
internal import Logging
internal import ServiceLifecycle

/// A database made ready, and the services that serve it.
struct Installation: Sendable {
    let engine: Engine
    /// The first admin, when the database was empty.
    let firstAdmin: AccountWithKey?

    /// Brings the schema up to date and makes the first admin; throws `migration_drift`.
    static func open(
        _ database: Database, settings: EngineSettings = EngineSettings(),
        secret: ServerSecret, adminKey: String?
    ) async throws -> Installation {
        try await migrate(database)
        let engine = try await Engine.open(database, settings: settings, secret: secret)
        let admin = try await engine.makeFirstAdmin(key: adminKey.map { Credential($0) })
        return Installation(engine: engine, firstAdmin: admin)
    }

    /// The names of the migrations that ran.
    @discardableResult
    static func migrate(_ database: Database) async throws -> [String] {
        try await translatingDataErrors { try await database.migrate(Schema.migrations) }
    }

    /// The server and the reaper.
    func services(
        host: String, port: Int, door: DoorSettings = DoorSettings(), logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void
    ) -> [any Service] {
        [
            DibsServer(
                engine, host: host, port: port, settings: door, logger: logger, onBound: onBound),
            Reaper(engine, logger: logger),
        ]
    }
}

/// Says what a database said in the words of Dibs.
func translatingDataErrors<T>(_ body: () async throws -> T) async throws -> T {
    do { return try await body() } catch let error as DataError {
        switch error.code {
        case .migration:
            throw DibsError(
                .migrationDrift, "The database's migrations are not this version's.",
                details: ["reason": error.message],
                hint: "Run the version of dibs that made it, or a newer one; see dibs migrate.")
        case .open, .unavailable:
            throw DibsError(
                .unavailable, "The database cannot be opened.",
                details: ["reason": error.message],
                hint: "Check --database or DIBS_DATABASE_URL.")
        default:
            throw DibsError(
                .databaseFailed, "The database refused a statement.",
                details: ["reason": error.message], hint: "Report this with the reason.")
        }
    }
}

/// Logs to standard error.
func makeLogger(_ level: Logger.Level) -> Logger {
    var logger = Logger(label: "dibs") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = level
    return logger
}
