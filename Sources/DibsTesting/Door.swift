internal import DibsClient
internal import DibsCore
internal import DibsData
package import DibsEngine
internal import DibsSchema
internal import DibsServer
internal import Logging
internal import ServiceLifecycle

/// A way to reach Dibs.
///
/// Whatever holds for the service holds behind every one of them, so the contract's tests take
/// `Door.all` as their arguments.
package enum Door: String, Sendable, CaseIterable {
    case engineOnSQLite = "engine on SQLite"
    case engineOnPostgres = "engine on PostgreSQL"
    case overHTTP = "client, server and engine on SQLite"
    case overHTTPOnPostgres = "client, server and engine on PostgreSQL"

    /// The engine on both databases, and all the way through HTTP.
    package static let all: [Door] = [.engineOnSQLite, .engineOnPostgres, .overHTTP]
    /// Through HTTP, on both databases.
    package static let remote: [Door] = [.overHTTP, .overHTTPOnPostgres]
    /// Without HTTP, on both databases.
    package static let direct: [Door] = [.engineOnSQLite, .engineOnPostgres]

    private var backend: Backend {
        self == .engineOnPostgres || self == .overHTTPOnPostgres ? .postgres : .sqlite
    }

    private var isRemote: Bool { self == .overHTTP || self == .overHTTPOnPostgres }

    /// Runs a test on an installation of its own, whose clock stands until the test moves it.
    ///
    /// At its end the doctor must find nothing, unless the test meddles with the rows by hand.
    package func open<T>(
        _ settings: EngineSettings = EngineSettings(), meddling: Bool = false,
        _ body: (TestBed) async throws -> T
    ) async throws -> T {
        let clock = ManualClock()
        return try await backend.withDatabase(clock: clock.forDatabase) { database in
            try await database.migrate(Schema.migrations)
            let engine = try await Engine.open(
                database, settings: settings, secret: TestBed.secret)
            let made = try await engine.makeFirstAdmin(
                key: Credential("dibs_the_admin_of_this_test"))
            guard let admin = made.map({ Credential($0.apiKey) }) else {
                throw DibsError(.internalError, "A new database has accounts already.")
            }
            let value = try await reached(engine) { service, address in
                try await body(
                    TestBed(
                        service: service, admin: admin, engine: engine, database: database,
                        clock: clock, address: address))
            }
            let findings = meddling ? [] : try await engine.findings()
            guard findings.isEmpty else {
                throw DibsError(
                    .internalError, "The doctor found something after the test.",
                    details: ["findings": "\(findings)"])
            }
            return value
        }
    }

    private func reached<T>(
        _ engine: Engine, _ body: (any DibsService, _ address: String) async throws -> T
    ) async throws -> T {
        guard isRemote else { return try await body(engine, "") }
        return try await Self.serving(engine) { try await body(HTTPDibsService($0), $0) }
    }

    /// Serves on a free port while the closure runs.
    private static func serving<T>(
        _ engine: Engine, _ body: (_ address: String) async throws -> T
    ) async throws -> T {
        var logger = Logger(label: "dibs.test")
        logger.logLevel = .critical
        let listening = AsyncStream.makeStream(of: Int.self)
        var settings = DoorSettings()
        settings.failures.free = .max
        let server = DibsServer(engine, port: 0, settings: settings, logger: logger) { port in
            listening.continuation.yield(port)
        }
        let group = ServiceGroup(
            services: [server], gracefulShutdownSignals: [], logger: logger)
        let running = Task { try await group.run() }
        var ports = listening.stream.makeAsyncIterator()
        guard let port = await ports.next() else {
            throw DibsError(.internalError, "The server did not start.")
        }
        do {
            let value = try await body("http://127.0.0.1:\(port)")
            await group.triggerGracefulShutdown()
            try await running.value
            return value
        } catch {
            await group.triggerGracefulShutdown()
            try? await running.value
            throw error
        }
    }
}
