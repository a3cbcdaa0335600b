internal import ArgumentParser
internal import DibsCore

/// The command `dibs task list`.
struct TaskList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List tasks, newest first.",
        discussion: """
            Examples:
              dibs task list
              dibs task list --workspace site --status pending
              dibs task list --json --limit 200
            """)

    @Option(help: "Only of one workspace, by name or id.")
    var workspace: String?

    @Option(
        help:
            "Only one status: pending, assigned, in_progress, review, completed, failed, cancelled."
    )
    var status: String?

    @Option(help: "At most so many, 1 to 200.")
    var limit: Int = 50

    @Option(help: "Go on after the last list: its nextCursor.")
    var cursor: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        var filter = TaskFilter(parts: [.workspace])
        if let workspace { filter.workspaceID = try await connected.workspace(workspace).id }
        filter.status = try status.map { try choice($0, "--status") }
        let page = try await connected.service.tasks(
            filter, PageRequest(limit: limit, cursor: cursor), as: connected.key)
        if server.json { return try Terminal.printJSON(page) }
        var table = TextTable("id", "status", "workspace", "priority", "attempts", "title")
        for view in page.items {
            let task = view.task
            table.add(
                "\(task.id)", task.status.rawValue, view.workspace?.name, "\(task.priority)",
                "\(task.attempts)/\(task.maxAttempts)", task.title.shortened(to: 60))
        }
        Terminal.print(
            table.text(orNone: "No tasks. Add one: dibs task add TITLE --workspace NAME"))
        if let next = page.nextCursor { Terminal.note("more: --cursor \(next)") }
    }
}
