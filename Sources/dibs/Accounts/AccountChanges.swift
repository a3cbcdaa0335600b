internal import ArgumentParser
internal import DibsCore
internal import DibsJSON

/// The argument that the verbs that take an account and change it have in common.
struct AccountTarget: ParsableArguments {
    @Argument(help: "The account's id.")
    var id: String

    @OptionGroup var server: ServerOptions

    func change(_ change: AccountChange) async throws {
        let connected = try server.connect()
        let account = try await connected.service.updateAccount(
            Connected.id(id), change, as: connected.key)
        if server.json { return try Terminal.printJSON(account) }
        let state = account.closedAt == nil ? "open" : "closed"
        Terminal.print("\(account.id)  \(state)  \(account.name)")
        if let zone = account.nextTimeZone, let moment = account.nextTimeZoneAt {
            Terminal.print("its day is in \(zone) from \(moment.rfc3339)")
        }
    }
}

/// The command `dibs account set`.
struct AccountSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change an account's name, level and limits.",
        discussion: """
            A limit counts at once, none takes it away; a time zone counts from the next midnight \
            of both zones.

            Examples:
              dibs account set 3fa9c1d2-… --max-cost-per-day 40
              dibs account set 3fa9c1d2-… --max-workers none
              dibs account set 3fa9c1d2-… --time-zone America/New_York
            """)

    @Option(help: "What people call it.")
    var name: String?

    @Option(help: "What it may do besides work: worker or admin.")
    var level: String?

    @Option(help: "US dollars a day, or none.")
    var maxCostPerDay: String?

    @Option(help: "Sessions at once, or none.")
    var maxSessions: CountLimit?

    @Option(help: "Workers at once, or none.")
    var maxWorkers: CountLimit?

    @Option(help: "The zone its day is in, an IANA name.")
    var timeZone: String?

    @OptionGroup var target: AccountTarget

    func run() async throws {
        try await target.change(
            AccountChange(
                name: name, level: try level.map { try choice($0, "--level") },
                maxCostPerDay: try maxCostPerDay.map { try amountLimit($0, "--max-cost-per-day") },
                maxConcurrentSessions: maxSessions?.limit, maxConcurrentWorkers: maxWorkers?.limit,
                timeZone: timeZone))
    }
}

/// The command `dibs account close`.
struct AccountClose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Close an account: it claims no more; its workers go on to their end.",
        discussion: "Example:\n  dibs account close 3fa9c1d2-…")
    @OptionGroup var target: AccountTarget
    func run() async throws { try await target.change(AccountChange(closed: true)) }
}

/// The command `dibs account open`.
struct AccountOpen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Open a closed account again.",
        discussion: "Example:\n  dibs account open 3fa9c1d2-…")
    @OptionGroup var target: AccountTarget
    func run() async throws { try await target.change(AccountChange(closed: false)) }
}

/// The command `dibs account rotate-key`.
struct AccountRotateKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key", abstract: "Give an account a new key; the old one ends at once.",
        discussion: "Examples:\n  dibs account rotate-key\n  dibs account rotate-key 3fa9c1d2-…")

    @Argument(help: "Its id, or me.")
    var id: String = "me"

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let account = try await connected.service.account(
            id == "me" ? nil : Connected.id(id), as: connected.key)
        let made = try await connected.service.rotateKey(of: account.id, as: connected.key)
        if server.json { return try Terminal.printJSON(made) }
        Terminal.print("\(made.account.id)  \(made.account.name)")
        Terminal.print("key, shown this once: \(made.apiKey)")
    }
}

/// The command `dibs account delete`.
struct AccountDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove an account that never claimed.",
        discussion: "Example:\n  dibs account delete 3fa9c1d2-…")

    @Argument(help: "The account's id.")
    var id: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        try await connected.service.deleteAccount(Connected.id(id), as: connected.key)
        if !server.json { Terminal.print("\(id)  deleted") }
    }
}
