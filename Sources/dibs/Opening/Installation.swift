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
    ///
    /// - `secret` is told whether it may make a new one, which only a new database allows.
    /// - `adminKey` is the operator's choice of the first admin's key.
    static func open(
        _ database: Database, settings: EngineSettings = EngineSettings(),
        secret: (_ mayMake: Bool) throws -> ServerSecret, adminKey: String?
    ) async throws -> Installation {
        let key = try AdminKey.read(adminKey)
        _ = try await translatingErrors { try await database.migrate(Schema.migrations) }
        let secret = try await secret(!database.hasSecret())
        let engine = try await Engine.open(database, settings: settings, secret: secret)
        let admin = try await engine.makeFirstAdmin(key: key)
        if admin == nil, let key, try await !engine.isAdmin(key) {
            Terminal.note(
                "warning: the admin key given (DIBS_ADMIN_KEY) is no admin's here; "
                    + "it is ignored.")
        }
        return Installation(engine: engine, firstAdmin: admin)
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

/// Logs to standard error.
func makeLogger(_ level: Logger.Level) -> Logger {
    var logger = Logger(label: "dibs") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = level
    return logger
}
