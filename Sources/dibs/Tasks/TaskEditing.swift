internal import ArgumentParser
internal import DibsCore

/// The command `dibs task edit`.
struct TaskEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change what a task says, waits for and may cost.",
        discussion: """
            A limit that is raised above what was used lets the task go on.

            Examples:
              dibs task edit 3fa9c1d2-… --priority 10
              dibs task edit 3fa9c1d2-… --max-cost 5
              dibs task edit 3fa9c1d2-… --drop-depends-on 77ab03f1-…
            """)

    @Argument(help: "The task's id.")
    var id: String

    @Option(help: "One line: what to do.")
    var title: String?

    @Option(help: "All of it, in Markdown.")
    var description: String?

    @Option(help: "A head start of an hour a point, -1000 to 1000.")
    var priority: Int?

    @Option(help: "Attempts it may cost, 1 to 100.")
    var maxAttempts: Int?

    @Option(help: "US dollars all its attempts together may cost, or none.")
    var maxCost: String?

    @Option(help: "Tokens all its attempts together may use, or none.")
    var maxTokens: CountLimit?

    @Option(help: "Seconds all its attempts together may take, or none.")
    var maxSeconds: CountLimit?

    @Option(help: "A task to wait for from now on; may be repeated.")
    var dependsOn: [String] = []

    @Option(help: "A task to wait for no more; may be repeated.")
    var dropDependsOn: [String] = []

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let change = TaskUpdate(
            title: title, description: description, priority: priority, maxAttempts: maxAttempts,
            maxCost: try maxCost.map { try amountLimit($0, "--max-cost") },
            maxTokens: maxTokens?.limit, maxDurationSeconds: maxSeconds?.limit,
            addDependsOn: dependsOn.isEmpty ? nil : try dependsOn.map { try Connected.id($0) },
            dropDependsOn: dropDependsOn.isEmpty
                ? nil : try dropDependsOn.map { try Connected.id($0) })
        let task = try await connected.service.updateTask(
            Connected.id(id), change, as: connected.key)
        if server.json { return try Terminal.printJSON(task) }
        Terminal.print("\(task.id)  \(task.status.rawValue)  \(task.title.asLine)")
        let live = WorkerFilter(taskID: task.id, live: true)
        let workers = try await connected.service.workers(live, .first, as: connected.key)
        if let worker = workers.items.first {
            Terminal.note("\(worker.name.asLine) (\(worker.id)) works on it, and is told.")
        }
    }
}

/// The command `dibs task archive`.
struct TaskArchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Put a closed task away: lists leave it out.",
        discussion:
            "Examples:\n  dibs task archive 3fa9c1d2-…\n  dibs task archive 3fa9c1d2-… --undo")

    @Flag(help: "Take it out again.")
    var undo = false

    @OptionGroup var target: TaskTarget

    func run() async throws {
        let change = TaskUpdate(archived: !undo)
        try await target.change { try await $0.updateTask($1, change, as: $2) }
    }
}

/// The command `dibs task delete`.
struct TaskDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a task that was never claimed.",
        discussion: "Example:\n  dibs task delete 3fa9c1d2-…")

    @Argument(help: "The task's id.")
    var id: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        try await connected.service.deleteTask(Connected.id(id), as: connected.key)
        if !server.json { Terminal.print("\(id)  deleted") }
    }
}
