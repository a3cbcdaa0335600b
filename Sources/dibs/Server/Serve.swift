internal import ArgumentParser
internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import DibsServer
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// The command `dibs serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start the server.",
        discussion: """
            Brings the database's schema up to date, makes the admin account of an empty one and \
            prints its key once, and serves until Ctrl-C.

            Examples:
              dibs serve
              dibs serve --database sqlite:/srv/dibs/dibs.sqlite --port 8080
              DIBS_DATABASE_URL=postgres://dibs@db/dibs dibs serve --host 0.0.0.0
            """)

    @OptionGroup var database: DatabaseOptions

    @Option(help: "The address to listen on (DIBS_HOST). Default: 127.0.0.1, this machine alone.")
    var host: String?

    @Option(help: "The port to listen on; 0 is any free one (DIBS_PORT). Default: 7171.")
    var port: Int?

    @Option(
        help: """
            A name the server may be called by, once for each (DIBS_ALLOWED_HOSTS, with commas). \
            Default: on 127.0.0.1 that address and localhost, elsewhere any name.
            """)
    var allowHost: [String] = []

    @Option(
        help: """
            The address, or block of addresses, of a proxy whose X-Forwarded-For is believed, once \
            for each (DIBS_TRUSTED_PROXIES, with commas). Default: none.
            """)
    var trustedProxy: [String] = []

    @Option(help: "Seconds of a lease, 1 to 3600 (DIBS_LEASE_SECONDS). Default: 900.")
    var leaseSeconds: Int?

    @Flag(help: "A worker that waits for an answer keeps its slot, its seat and its money.")
    var waitingKeepsSlot = false

    @Flag(help: "Log every request.")
    var verbose = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let host = host ?? environment["DIBS_HOST"] ?? "127.0.0.1"
        let port = try number(port, environment["DIBS_PORT"], 7171, 0...65535, "port")
        let lease = try number(
            leaseSeconds, environment["DIBS_LEASE_SECONDS"], 900, 1...3600, "lease-seconds")
        let door = try door(in: environment)
        let logger = makeLogger(verbose ? .info : .warning)
        let database = try self.database.open()
        let installation = try await Installation.open(
            database,
            settings: EngineSettings(leaseSeconds: lease, waitingKeepsSlot: waitingKeepsSlot),
            secret: try self.database.secretFile().secret(),
            adminKey: environment["DIBS_ADMIN_KEY"])
        let place = try self.database.description()
        let services = installation.services(
            host: host, port: port, door: door, logger: logger
        ) { port in
            await announce(installation, "http://\(host):\(port)", place, environment)
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await listening(on: port) {
            try await ServiceGroup(configuration: configuration).run()
        }
        await database.close()
    }

    private func door(in environment: [String: String]) throws -> DoorSettings {
        func names(_ flags: [String], _ variable: String) -> [String] {
            guard flags.isEmpty else { return flags }
            return (environment[variable] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        }
        return try DoorSettings(
            allowedHosts: names(allowHost, "DIBS_ALLOWED_HOSTS"),
            trustedProxies: names(trustedProxy, "DIBS_TRUSTED_PROXIES"))
    }

    private func announce(
        _ installation: Installation, _ address: String, _ place: String,
        _ environment: [String: String]
    ) async {
        Terminal.print("Dibs listens on \(Terminal.styled(address, .bold))  (\(place))")
        guard let admin = installation.firstAdmin else { return }
        if environment["DIBS_ADMIN_KEY"] == nil {
            Terminal.print("The key of the admin account, shown this once: \(admin.apiKey)")
        }
        let file = ConfigFile(url: address, key: admin.apiKey)
        if let place = try? file.writeIfNone(in: environment) {
            let path = place.path(percentEncoded: false)
            Terminal.print("It is kept in \(path), so that dibs works here without it.")
        }
    }
}

/// A number from a flag, the environment or the default; throws `usage` out of its range.
func number(
    _ flag: Int?, _ variable: String?, _ fallback: Int, _ range: ClosedRange<Int>, _ name: String
) throws -> Int {
    let value =
        try flag
        ?? variable.map { text in
            guard let value = Int(text) else { throw outOfRange(text, range, name) }
            return value
        }
    guard let value else { return fallback }
    guard range.contains(value) else { throw outOfRange("\(value)", range, name) }
    return value
}

private func outOfRange(_ text: String, _ range: ClosedRange<Int>, _ name: String) -> DibsError {
    DibsError(
        .usage, "A setting is out of its range.", details: [name: text],
        hint: "Use \(range.lowerBound) to \(range.upperBound).")
}

/// Says in plain words that an address is taken.
func listening(on port: Int, _ body: () async throws -> Void) async throws {
    do { try await body() } catch {
        guard "\(error)".contains("errno: 98") || "\(error)".contains("in use") else { throw error }
        throw DibsError(
            .usage, "Something else listens on that port.", details: ["port": "\(port)"],
            hint: "Stop it, or use another: --port 0 takes any free one.")
    }
}
