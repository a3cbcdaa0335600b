internal import ArgumentParser
internal import DibsCore

/// The command `dibs artifact`.
struct ArtifactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact", abstract: "What workers leave behind.",
        subcommands: [ArtifactShow.self])
}

/// The command `dibs artifact show`.
struct ArtifactShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print an artifact; dibs task show lists those of a task.",
        discussion: """
            Examples:
              dibs artifact show 3fa9c1d2-…
              dibs artifact show 3fa9c1d2-… | git apply
              dibs artifact show 3fa9c1d2-… --json
            """)

    @Argument(help: "Its id.")
    var id: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let found = try await connected.service.artifact(Connected.id(id), as: connected.key)
        if server.json { return try Terminal.printJSON(found) }
        guard let content = found.content else {
            return Terminal.note("It is kept elsewhere: \(found.artifact.storageKey ?? "–")")
        }
        Terminal.print(content)
    }
}
