internal import ArgumentParser
internal import DibsClient
internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// The command `dibs demo`.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a small real job through Dibs, and stay up.",
        discussion: """
            A real server on a new database, a sample git repository, six tasks, and three runners \
            with a command agent, over HTTP. Then it stays up until Ctrl-C.

            Examples:
              dibs demo
              dibs demo --once
              dibs demo --database postgres://dibs@db/dibs
            """)

    @Option(help: "sqlite:PATH or postgres://… (DIBS_DATABASE_URL). Default: a new SQLite file.")
    var database: String?

    @Option(
        help: """
            The file with the admin's key of a database that is in use already, or - for standard \
            input (DIBS_ADMIN_KEY holds the key itself).
            """)
    var keyFile: String?

    @Option(help: "The port to listen on. Default: any free one.")
    var port: Int = 0

    @Option(help: "Where the repository and the worktrees go. Default: a temporary folder.")
    var folder: String?

    @Flag(help: "Check the result and end, with 1 when anything is amiss.")
    var once = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = try makeFolder()
        let options = DatabaseOptions(
            database: database ?? environment["DIBS_DATABASE_URL"]
                ?? "sqlite:" + folder.appending(path: "dibs.sqlite").path(percentEncoded: false))
        let database = try options.open()
        let adminKey =
            try keyFile.map { try KeyText.read(file: $0) }
            ?? KeyText.read(environment["DIBS_ADMIN_KEY"], from: "DIBS_ADMIN_KEY")
        ProcessSecrets.hide()
        let installation = try await Installation.open(
            database, secret: try options.secretFile().secret(mayMake:), adminKey: adminKey)
        guard let key = installation.firstAdmin?.apiKey ?? adminKey else {
            throw DibsError(
                .keyMissing, "That database is in use already.",
                hint: "Give its admin's key with --key-file, or use an empty database.")
        }
        Terminal.print(Terminal.styled("Dibs", .bold) + "  \(try options.description())")
        let logger = makeLogger(.critical)
        let bound = AsyncStream.makeStream(of: Int.self)
        let job = DemoJob(
            folder: folder, key: Credential(key), once: once, ports: bound.stream)
        let services =
            installation.services(host: "127.0.0.1", port: port, logger: logger) { port in
                bound.continuation.yield(port)
            }
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) } + [
                .init(
                    service: job, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup)
            ], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        try await listening(on: ListeningAddress("127.0.0.1"), port: port) {
            try await ServiceGroup(configuration: configuration).run()
        }
        await database.close()
    }

    private func makeFolder() throws -> URL {
        let name = "dibs-demo-" + UUID().uuidString.prefix(8).lowercased()
        let folder =
            folder.map { URL(filePath: $0) }
            ?? FileManager.default.temporaryDirectory.appending(path: name)
        let place = folder.path(percentEncoded: false)
        do { try PrivateFile(place + "/dibs.sqlite").makeFolder() } catch let error as DataError {
            throw DibsError(error)
        }
        return folder
    }
}
