internal import ArgumentParser
internal import DibsCore
internal import DibsJSON

/// The command `dibs worker costs`.
struct WorkerCosts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "costs", abstract: "List what a worker spent, oldest first.",
        discussion: """
            An admin corrects an entry with --correct and the amount to add to it, below zero to \
            take from it, at any time; the entry itself stays.

            Examples:
              dibs worker costs 3fa9c1d2-…
              dibs worker costs 3fa9c1d2-… --correct 77ab01de-… --by=-12.50
            """)

    @Argument(help: "The worker's id.")
    var id: String

    @Option(help: "Correct this entry, by id.")
    var correct: String?

    @Option(help: "US dollars to add to the entry; write --by=-1.50 to take some.")
    var by: String?

    @OptionGroup var page: PageOptions

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        if let change = try correction() {
            let entry = try await connected.service.addCost(
                change, of: Connected.id(id), as: connected.key)
            if server.json { return try Terminal.printJSON(entry) }
            return Terminal.print("\(entry.id)  \(entry.day)  $\(entry.amount)")
        }
        let found = try await connected.service.costs(
            of: Connected.id(id), page.request(), as: connected.key)
        let table = TextTable("id", "number", "day", "amount", "how", "model", "corrects")
        try page.show(found, json: server.json, in: table, orNone: "It has spent nothing.") {
            entry, table in
            table.add(
                "\(entry.id)", "\(entry.sequence)", entry.day, "$\(entry.amount)",
                entry.provenance.rawValue, entry.model, entry.corrects.map { "\($0)" })
        }
    }

    /// The correction that the options ask for; nil lists.
    private func correction() throws -> NewCost? {
        switch (correct, by) {
        case (nil, nil): return nil
        case (let entry?, let text?):
            guard let amount = USD(text) else {
                throw DibsError(
                    .invalidAmount, "That is no amount of US dollars.", details: ["--by": text],
                    hint: "Write it with at most nine places: --by=-12.50.")
            }
            return NewCost(amount: amount, corrects: try Connected.id(entry))
        default:
            throw DibsError(
                .usage, "A correction names an entry and an amount.",
                hint: "Give both --correct ENTRY and --by=AMOUNT.")
        }
    }
}
