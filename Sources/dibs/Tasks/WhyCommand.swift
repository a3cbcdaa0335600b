internal import ArgumentParser
internal import DibsCore
internal import DibsJSON
internal import Foundation

/// The command `dibs why`.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say why a task is not taken, and who could take it.",
        discussion: """
            Every gate a claim meets, in its order, with what it stands at, its limit, and who or \
            what opens it. It is asked of every runner that claimed in the last 24 hours; those of \
            other accounts are named to admins only. With --me, --runner or --capability it is \
            asked of a claim of your own.

            Examples:
              dibs why 3fa9c1d2-…
              dibs why 3fa9c1d2-… --me
              dibs why 3fa9c1d2-… --capability gpu --json
            """)

    @Argument(help: "The task's id.")
    var task: String

    @Flag(help: "Ask of a claim with your own key.")
    var me = false

    @Option(name: .customLong("capability"), help: "What you would offer; may be repeated.")
    var capabilities: [String] = []

    @Option(help: "What your runner would call itself. Default: any runner.")
    var runner: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let isMine = me || !capabilities.isEmpty || runner != nil
        let mine = Claimer(capabilities: try Capabilities(capabilities), runner: runner)
        let claimer = isMine ? mine : nil
        let why = try await connected.service.why(
            Connected.id(task), claimer, as: connected.key)
        if server.json { return try Terminal.printJSON(why) }
        Terminal.print(
            why.isOpen ? "Open: a claim would get it now." : "Closed: a claim would not get it.")
        Terminal.print(Self.table(why.gates))
        guard claimer == nil else { return }
        var runners = TextTable("", "runner", "offers", "last asked", "kept away by")
        for chance in why.runners {
            runners.add(
                chance.closed.isEmpty ? "✓" : "✗", chance.runner,
                chance.capabilities.names.joined(separator: ", "), chance.lastSeenAt.rfc3339,
                chance.closed.map(\.rawValue).joined(separator: ", "))
        }
        let none = "No runner has asked in the last 24 hours."
        let noneOfMine = "None of your runners has asked in the last 24 hours."
        Terminal.print(runners.text(orNone: why.others == nil ? none : noneOfMine))
        if let others = why.others {
            Terminal.print(
                "of other accounts: \(others.asked) asked, \(others.able) could take it")
        }
        if why.runnersCut > 0 { Terminal.note("\(why.runnersCut) more have asked") }
    }

    /// A line a gate.
    static func table(_ gates: [Gate]) -> String {
        var table = TextTable("", "gate", "stands at", "limit", "opens", "what to do")
        for gate in gates {
            table.add(
                gate.isOpen ? "✓" : "✗", gate.name.rawValue, gate.current, gate.limit,
                gate.opensAt?.rfc3339 ?? "", gate.hint ?? "")
        }
        return table.text(orNone: "")
    }
}
