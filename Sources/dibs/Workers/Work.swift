internal import ArgumentParser
internal import DibsCore
internal import DibsRunner
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// The command `dibs work`.
struct Work: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Claim tasks and run a command for each.",
        discussion: """
            For each task: a git worktree on a branch of its own, and there your command, with the \
            task on its standard input and in DIBS_TASK_ID, DIBS_TASK_TITLE, DIBS_BRANCH, \
            DIBS_WORKER_ID, DIBS_WORKSPACE, DIBS_URL and DIBS_TOKEN (the worker's own: it can do \
            nothing else). Exit status 0 completes the task. Lines of its output that report:
              ::dibs progress 40 Writing tests
              ::dibs milestone The tests pass
              ::dibs cost 0.0125
            Ctrl-C stops the command and gives the task back.

            Examples:
              dibs work --workspace site -- ./agent.sh
              dibs work --parallel 3 --capability gpu -- claude -p
              dibs work --once --workspace site -- make fix
            """)

    @Option(help: "Only from one workspace, by name or id.")
    var workspace: String?

    @Option(name: .customLong("capability"), help: "What this machine offers; may be repeated.")
    var capabilities: [String] = []

    @Option(help: "Tasks at once, 1 to 64.")
    var parallel: Int = 1

    @Option(help: "What the runner calls itself. Default: this machine's name.")
    var name: String?

    @Option(help: "Seconds of a lease, 60 to 3600. Default: the server's.")
    var leaseSeconds: Int?

    @Option(help: "Where clones and worktrees are. Default: your data folder.")
    var folder: String?

    @Flag(help: "End after one task, or when there is none.")
    var once = false

    @Flag(help: "Do not show what the agent prints.")
    var quiet = false

    @OptionGroup var server: ServerOptions

    @Argument(parsing: .postTerminator, help: "The command, after --.")
    var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else {
            throw ValidationError(
                "Say what to run for each task, after --: dibs work -- ./agent.sh")
        }
        guard (1...64).contains(parallel) else {
            throw ValidationError("--parallel takes 1 to 64.")
        }
    }

    func run() async throws {
        let connected = try server.connect()
        let environment = ProcessInfo.processInfo.environment
        let folder =
            folder.map { URL(filePath: $0) }
            ?? DatabaseOptions.dataFolder(in: environment).appending(path: "work")
        var options = RunnerOptions(
            name: name ?? ProcessInfo.processInfo.hostName, key: connected.key,
            url: connected.url, command: command, capabilities: try Capabilities(capabilities),
            parallel: parallel, once: once, leaseSeconds: leaseSeconds, folder: folder)
        if let workspace { options.workspaceID = try await connected.workspace(workspace).id }
        let teller = RunnerTeller(showsOutput: !quiet)
        let service = RunnerService(
            runner: Runner(connected.service, options) { teller.tell($0) })
        try await service.runUntilStopped(logger: makeLogger(.error))
        guard case .failed = service.last else { return }
        throw ExitCode(1)
    }
}

/// A runner as a service of the process: a graceful shutdown gives its tasks back.
final class RunnerService: Service {
    private let runner: Runner
    private let result = Mutex<AttemptResult?>(nil)

    init(runner: Runner) { self.runner = runner }

    /// How the last attempt ended.
    var last: AttemptResult? { result.withLock { $0 } }

    func run() async throws {
        let last = try await cancelWhenGracefulShutdown { [runner] in try await runner.run() }
        result.withLock { $0 = last }
    }

    /// Runs until it is done or a signal comes.
    func runUntilStopped(logger: Logger) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: self, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        try await group.run()
    }
}
