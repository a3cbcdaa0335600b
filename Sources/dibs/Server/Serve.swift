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

            The server's secret is in a file beside the SQLite file, or dibs.secret in your data \
            folder. A backup is the database and this file: without it nothing that was sealed can \
            be opened, and no server starts on the database. It is made with a new database and \
            never again. Several servers of one database need the same one.

            The first admin's key is kept in ~/.config/dibs/config.json, so that dibs works here \
            without it. Agents that run as your user can read it there: --no-keep-key keeps none. \
            The way out after a lost key is dibs admin-key, which makes another.

            Examples:
              dibs serve
              dibs serve --database sqlite:/srv/dibs/dibs.sqlite --port 8080
              DIBS_DATABASE_URL=postgres://dibs@db/dibs dibs serve --host 0.0.0.0
              dibs serve --no-keep-key --database-file /run/secrets/dibs-database
            """)

    @OptionGroup var database: DatabaseOptions

    @Option(
        help: """
            The address to listen on, 0.0.0.0 or :: for all (DIBS_HOST). Default: 127.0.0.1, this \
            machine alone.
            """)
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

    @Flag(
        inversion: .prefixedNo,
        help: "Keep the new admin's key in the config file (DIBS_KEEP_KEY=0: do not).")
    var keepKey: Bool?

    @Flag(help: "Log every request.")
    var verbose = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        ProcessSecrets.hideTyped()
        let host = try ListeningAddress(host ?? environment["DIBS_HOST"] ?? "127.0.0.1")
        let port = try number(port, environment["DIBS_PORT"], 7171, 0...65535, "port")
        let lease = try number(
            leaseSeconds, environment["DIBS_LEASE_SECONDS"], 900, 1...3600, "lease-seconds")
        let door = try door(in: environment)
        let logger = makeLogger(verbose ? .info : .warning)
        let database = try self.database.open()
        let installation = try await Installation.open(
            database,
            settings: EngineSettings(leaseSeconds: lease, waitingKeepsSlot: waitingKeepsSlot),
            secret: try self.database.secretFile().secret(mayMake:),
            adminKey: environment["DIBS_ADMIN_KEY"])
        let place = try self.database.description()
        // Told before anything else can go wrong: it is kept nowhere.
        if let admin = installation.firstAdmin,
            try AdminKey.read(environment["DIBS_ADMIN_KEY"]) == nil
        {
            Terminal.print("The key of the admin account, shown this once: \(admin.apiKey)")
        }
        for finding in try FileReview.findings(of: self.database, in: environment) {
            Terminal.note("warning: \(finding.what) (\(finding.id), mode \(finding.kept))")
        }
        let services = installation.services(
            host: host.host, port: port, door: door, logger: logger
        ) { port in
            await announce(installation, host, port, place, environment)
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await listening(on: host, port: port) {
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
        _ installation: Installation, _ host: ListeningAddress, _ port: Int, _ place: String,
        _ environment: [String: String]
    ) async {
        let address = host.url(port: port)
        // Kept before it is told: whoever waits for the line finds the file.
        let kept = keep(installation.firstAdmin, at: address, in: environment)
        Terminal.print("Dibs listens on \(Terminal.styled(address, .bold))  (\(place))")
        if host.isEverywhere {
            Terminal.print("and on every other address of this machine (\(host.host)).")
        }
        if let kept {
            Terminal.print("The key is kept in \(kept), so that dibs works here without it.")
        }
    }

    /// Keeps the new admin's key in the config file, unless there is one or it is not wanted;
    /// answers its path.
    private func keep(
        _ admin: AccountWithKey?, at address: String, in environment: [String: String]
    ) -> String? {
        guard let admin,
            keepKey ?? !["0", "no", "false"].contains(environment["DIBS_KEEP_KEY"])
        else { return nil }
        let file = ConfigFile(url: address, key: admin.apiKey)
        return try? file.writeIfNone(in: environment)?.path(percentEncoded: false)
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
