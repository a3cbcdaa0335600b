internal import ArgumentParser
internal import DibsCore

/// The command `dibs source`.
struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Where tasks come from.",
        subcommands: [SourceAdd.self, SourceList.self])
}

/// The command `dibs source add`.
struct SourceAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a source to a workspace.",
        discussion: """
            Example:
              dibs source add issues --workspace site --type github --config '{"repo":"team/site"}'
            """)

    @Argument(help: "Its name, unique in the workspace.")
    var name: String

    @Option(help: "The workspace, by name or id.")
    var workspace: String

    @Option(help: "manual, github, jira or linear.")
    var type: String = SourceType.manual.rawValue

    @Option(help: "Its own settings, a JSON object; kept sealed and never shown again.")
    var config: String = "{}"

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let workspace = try await connected.workspace(workspace)
        let new = NewSource(
            type: try choice(type, "--type"), name: name, config: try Wire.parse(config.utf8))
        let made = try await connected.service.createSource(
            new, in: workspace.id, as: connected.key)
        if server.json { return try Terminal.printJSON(made) }
        Terminal.print("\(made.id)  \(made.name)")
    }
}

/// The command `dibs source list`.
struct SourceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the sources of a workspace.",
        discussion: "Example:\n  dibs source list --workspace site")

    @Option(help: "The workspace, by name or id.")
    var workspace: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let workspace = try await connected.workspace(workspace)
        let page = try await connected.service.sources(
            in: workspace.id, PageRequest(limit: 200), as: connected.key)
        if server.json { return try Terminal.printJSON(page) }
        var table = TextTable("id", "type", "name")
        for source in page.items { table.add("\(source.id)", source.type.rawValue, source.name) }
        Terminal.print(table.text(orNone: "No sources."))
    }
}
