internal import ArgumentParser
internal import DibsCore
internal import DibsJSON
internal import Foundation

/// The command `dibs why`.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say why you would get a task now, or not.",
        discussion: """
            Every gate a claim meets, in its order, with what it stands at, its limit, and who or \
            what opens it.

            Examples:
              dibs why 3fa9c1d2-…
              dibs why 3fa9c1d2-… --capability gpu --json
            """)

    @Argument(help: "The task's id.")
    var task: String

    @Option(name: .customLong("capability"), help: "What you would offer; may be repeated.")
    var capabilities: [String] = []

    @Option(help: "What your runner would call itself. Default: any runner.")
    var runner: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let claimer = Claimer(capabilities: try Capabilities(capabilities), runner: runner)
        let why = try await connected.service.why(
            Connected.id(task), claimer, as: connected.key)
        if server.json { return try Terminal.printJSON(why) }
        Terminal.print(
            why.isOpen ? "Open: a claim would get it now." : "Closed: a claim would not get it.")
        var table = TextTable("", "gate", "stands at", "limit", "opens", "what to do")
        for gate in why.gates {
            table.add(
                gate.isOpen ? "✓" : "✗", gate.name.rawValue, gate.current, gate.limit,
                gate.opensAt?.rfc3339 ?? "", gate.hint ?? "")
        }
        Terminal.print(table.text(orNone: ""))
    }
}
