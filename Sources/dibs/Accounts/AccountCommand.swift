internal import ArgumentParser
internal import DibsCore

/// The command `dibs account`.
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Who may act, and within what limits.",
        subcommands: [
            AccountAdd.self, AccountList.self, AccountShow.self, AccountSpend.self,
            AccountSet.self, AccountGrant.self, AccountRevoke.self, AccountRotateKey.self,
            AccountClose.self,
            AccountOpen.self, AccountDelete.self,
        ])
}

/// The command `dibs account add`.
struct AccountAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an account; its key is shown this once.",
        discussion: """
            Examples:
              dibs account add ada --max-cost-per-day 25 --time-zone Europe/Berlin
              dibs account add ci --type action --max-workers 8
              dibs account add laptop --auth-type oauth --seat max-plan --max-sessions 2
            """)

    @Argument(help: "What people call it.")
    var name: String

    @Option(help: "What runs under it: user, service or action.")
    var type: String = AccountType.user.rawValue

    @Flag(help: "It may make accounts and workspaces, and see everything.")
    var admin = false

    @Option(help: "How its provider bills it: api or oauth.")
    var authType: String = AuthType.api.rawValue

    @Option(help: "US dollars a day. Default: no limit.")
    var maxCostPerDay: String?

    @Option(help: "Sessions at once. Default: no limit.")
    var maxSessions: Int?

    @Option(help: "Workers at once.")
    var maxWorkers: Int = 3

    @Option(help: "The subscription it shares with others, by name.")
    var seat: String?

    @Option(help: "The zone its day is in, an IANA name.")
    var timeZone: String = "UTC"

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let new = NewAccount(
            name: name, type: try choice(type, "--type"), level: admin ? .admin : .worker,
            authType: try choice(authType, "--auth-type"),
            maxCostPerDay: try maxCostPerDay.map { try amount($0, "--max-cost-per-day") },
            maxConcurrentSessions: maxSessions, maxConcurrentWorkers: maxWorkers, seat: seat,
            timeZone: timeZone)
        let made = try await connected.service.createAccount(new, as: connected.key)
        if server.json { return try Terminal.printJSON(made) }
        Terminal.print("\(made.account.id)  \(made.account.name)")
        Terminal.print("key, shown this once: \(made.apiKey)")
    }
}

/// The command `dibs account list`.
struct AccountList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the accounts you may see.",
        discussion: "Example:\n  dibs account list")

    @OptionGroup var page: PageOptions

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let found = try await connected.service.accounts(
            page.request(), as: connected.key)
        let table = TextTable("id", "name", "type", "level", "workers", "a day", "total")
        try page.show(found, json: server.json, in: table, orNone: "No accounts.") {
            account, table in
            table.add(
                "\(account.id)", account.name, account.type.rawValue, account.level.rawValue,
                "\(account.activeWorkers)/\(account.maxConcurrentWorkers.map { "\($0)" } ?? "∞")",
                account.maxCostPerDay.map { "$\($0)" }, "$\(account.totalCost)")
        }
    }
}

/// The command `dibs account show`.
struct AccountShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an account; without an id, your own.",
        discussion: "Examples:\n  dibs account show\n  dibs account show 3fa9c1d2-…")

    @Argument(help: "Its id, or me.")
    var id: String = "me"

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let account = try await connected.service.account(
            id == "me" ? nil : Connected.id(id), as: connected.key)
        if server.json { return try Terminal.printJSON(account) }
        let sessions = account.maxConcurrentSessions.map { "\($0)" } ?? "∞"
        Terminal.print(Terminal.styled(account.name, .bold))
        Terminal.print("  id        \(account.id)")
        Terminal.print("  type      \(account.type.rawValue), \(account.level.rawValue)")
        Terminal.print("  key       \(account.keyPrefix)…")
        Terminal.print("  sessions  \(account.activeSessions) of \(sessions)")
        let workers = account.maxConcurrentWorkers.map { "\($0)" } ?? "∞"
        Terminal.print("  workers   \(account.activeWorkers) of \(workers)")
        let day = account.maxCostPerDay.map { "$\($0)" } ?? "no limit"
        Terminal.print("  a day     \(day) (\(account.timeZone))")
        Terminal.print("  so far    $\(account.totalCost), \(account.totalTasks) tasks completed")
    }
}
