internal import ArgumentParser
internal import DibsCore

/// The argument that the verbs that take a task and change it have in common.
struct TaskTarget: ParsableArguments {
    @Argument(help: "The task's id.")
    var id: String

    @OptionGroup var server: ServerOptions

    func change(
        _ verb: (any DibsService, Identifier<AgentTask>, Credential) async throws -> AgentTask
    ) async throws {
        let connected = try server.connect()
        let task = try await verb(connected.service, Connected.id(id), connected.key)
        if server.json { return try Terminal.printJSON(task) }
        Terminal.print("\(task.id)  \(task.status.rawValue)  \(task.title.asLine)")
    }
}

/// The command `dibs task cancel`.
struct TaskCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Want a task no more; its worker is told to stop.",
        discussion: "Example:\n  dibs task cancel 3fa9c1d2-…")
    @OptionGroup var target: TaskTarget
    func run() async throws { try await target.change { try await $0.cancelTask($1, as: $2) } }
}

/// The command `dibs task retry`.
struct TaskRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try a failed or cancelled task again.",
        discussion: "Example:\n  dibs task retry 3fa9c1d2-…")
    @OptionGroup var target: TaskTarget
    func run() async throws { try await target.change { try await $0.retryTask($1, as: $2) } }
}

/// The command `dibs task release`.
struct TaskRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Take a task from its worker and put it back.",
        discussion: "Example:\n  dibs task release 3fa9c1d2-…")
    @OptionGroup var target: TaskTarget
    func run() async throws { try await target.change { try await $0.releaseTask($1, as: $2) } }
}

/// The command `dibs task approve`.
struct TaskApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Accept a result that waits for review.",
        discussion: "Example:\n  dibs task approve 3fa9c1d2-…")
    @OptionGroup var target: TaskTarget
    func run() async throws { try await target.change { try await $0.approveTask($1, as: $2) } }
}

/// The command `dibs task reject`.
struct TaskReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Send a result that waits for review back to the queue.",
        discussion: "Example:\n  dibs task reject 3fa9c1d2-…")
    @OptionGroup var target: TaskTarget
    func run() async throws { try await target.change { try await $0.rejectTask($1, as: $2) } }
}
