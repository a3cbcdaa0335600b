internal import ArgumentParser
internal import DibsCore
internal import DibsJSON

/// The command `dibs cost`.
struct CostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost", abstract: "Costs that wait for a person.",
        discussion: """
            A cost out of all proportion to what its worker may spend counts nowhere until an \
            admin has accepted it.
            """,
        subcommands: [CostList.self, CostAccept.self, CostDrop.self])
}

/// The command `dibs cost list`.
struct CostList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the costs that wait for a person, newest first.",
        discussion: "Example:\n  dibs cost list")

    @OptionGroup var page: PageOptions

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let found = try await connected.service.parkedCosts(page.request(), as: connected.key)
        let table = TextTable("id", "amount", "costs", "at once", "worker", "account", "spent")
        try page.show(found, json: server.json, in: table, orNone: "No cost waits.") {
            cost, table in
            table.add(
                "\(cost.id)", "$\(cost.amount)", "\(cost.parts + 1)", "up to $\(cost.most)",
                "\(cost.workerID)", "\(cost.accountID)", cost.occurredAt.rfc3339)
        }
    }
}

/// A cost that a command decides on.
struct CostTarget: ParsableArguments {
    @Argument(help: "The cost's id, as dibs cost list shows it.")
    var id: String

    @OptionGroup var server: ServerOptions

    func decide(_ decision: CostDecision) async throws {
        let connected = try server.connect()
        let cost = try await connected.service.decideCost(
            Connected.id(id), decision, as: connected.key)
        if server.json { return try Terminal.printJSON(cost) }
        let word = cost.entryID == nil ? "dropped" : "accepted"
        Terminal.print("\(cost.id)  $\(cost.amount)  \(word)")
    }
}

/// The command `dibs cost accept`.
struct CostAccept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Count a cost, on the day it was spent.",
        discussion: "Example:\n  dibs cost accept 3fa9c1d2-…")

    @OptionGroup var target: CostTarget

    func run() async throws { try await target.decide(.accept) }
}

/// The command `dibs cost drop`.
struct CostDrop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Say that a cost was not spent: it counts nowhere.",
        discussion: "Example:\n  dibs cost drop 3fa9c1d2-…")

    @OptionGroup var target: CostTarget

    func run() async throws { try await target.decide(.drop) }
}
