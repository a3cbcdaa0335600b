internal import ArgumentParser
internal import DibsCore
internal import DibsJSON
internal import Foundation

/// The command `dibs claim`.
struct Claim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a task by hand.",
        discussion: """
            The answer has the worker's id and token; report with PATCH /api/workers/ID. Most want \
            dibs work, which does all of it.

            Examples:
              dibs claim --workspace site
              dibs claim --capability gpu --wait 30 --json
            """)

    @Option(help: "Only from one workspace, by name or id.")
    var workspace: String?

    @Option(help: "Only this task.")
    var task: String?

    @Option(name: .customLong("capability"), help: "What you offer; may be repeated.")
    var capabilities: [String] = []

    @Option(help: "Take at most so many, 1 to 64.")
    var maxTasks: Int = 1

    @Option(help: "Seconds to wait when there is nothing, 0 to 60.")
    var wait: Int = 0

    @Option(help: "What you call yourself. Default: this machine's name.")
    var runner: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        var request = ClaimRequest(
            capabilities: try Capabilities(capabilities), maxTasks: maxTasks,
            runner: runner ?? ProcessInfo.processInfo.hostName, waitSeconds: wait)
        if let workspace { request.workspaceID = try await connected.workspace(workspace).id }
        request.taskID = try task.map { try Connected.id($0) }
        let answer = try await connected.service.claim(request, as: connected.key)
        if server.json { return try Terminal.printJSON(answer) }
        for worker in answer.workers {
            Terminal.print(Terminal.styled(worker.task.title.asLine, .bold))
            Terminal.print("  task    \(worker.taskID)")
            Terminal.print("  worker  \(worker.id)")
            Terminal.print("  branch  \(worker.branch)")
            Terminal.print("  token   \(worker.token)")
            Terminal.print("  yours until \(worker.leaseExpiresAt.rfc3339), or the next report")
        }
        if let reason = answer.reason { Terminal.print(reason.explanation) }
        if let why = answer.why {
            Terminal.print("One of them is \(why.taskID):")
            Terminal.print(WhyCommand.table(why.gates.filter { !$0.isOpen }))
        }
    }
}
