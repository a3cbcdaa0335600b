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
              dibs task list --archived
            """)

    @Option(help: "Only of one workspace, by name or id.")
    var workspace: String?

    @Option(
        help:
            "Only one status: pending, assigned, in_progress, review, completed, failed, cancelled."
    )
    var status: String?

    @Flag(help: "Those that were put away, instead of those that were not.")
    var archived = false

    @OptionGroup var page: PageOptions

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        var filter = TaskFilter(parts: [.workspace, .blockers])
        if let workspace { filter.workspaceID = try await connected.workspace(workspace).id }
        filter.archived = archived
        filter.status = try status.map { try choice($0, "--status") }
        let found = try await connected.service.tasks(
            filter, page.request(), as: connected.key)
        let table = TextTable(
            "id", "status", "workspace", "priority", "attempts", "waits for", "title")
        try page.show(
            found, json: server.json, in: table,
            orNone: "No tasks. Add one: dibs task add TITLE --workspace NAME"
        ) {
            view, table in
            let task = view.task
            table.add(
                "\(task.id)", task.status.rawValue, view.workspace?.name, "\(task.priority)",
                "\(task.attempts)/\(task.maxAttempts)", Self.waits(view),
                task.title.shortened(to: 60))
        }
        guard !server.json else { return }
        for view in found.items { BlockedNote.show(view.task, view.blockers ?? []) }
    }

    /// Names the number of tasks it waits for; blank for none.
    private static func waits(_ view: TaskView) -> String {
        let count = view.task.openDependencies
        guard count > 0 else { return "" }
        return count == 1 ? "1 task" : "\(count) tasks"
    }
}
