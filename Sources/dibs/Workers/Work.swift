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
            For each task: a git worktree on a branch of its own, and there your command. Exit \
            status 0 completes the task. Ctrl-C, SIGTERM and a terminal that closes stop the \
            command and give the task back.

            With --once the exit status is 0 for a completed task, one that was given back, and \
            none at all; 1 for a failed one; 6 when the server took it away (cancelled, its lease \
            lost, a limit) or it waits for an answer; 8 when this machine cannot work there.

            On its standard input the command has the task in parts, each behind a line that \
            begins with DIBS_TASK_MARK, random for each attempt: task, then question and answer \
            for each that people have answered, earlier-attempt, end. Nothing that an author \
            writes can look like an answer. Programs find the whole claim as JSON in the file \
            DIBS_TASK_FILE.

            In its environment: DIBS_TASK_ID, DIBS_TASK_TITLE, DIBS_TASK_MARK, DIBS_TASK_FILE, \
            DIBS_BRANCH, DIBS_WORKER_ID, DIBS_WORKSPACE, DIBS_SALVAGE_BRANCH, DIBS_STOP_AT, \
            DIBS_URL, DIBS_TOKEN (the worker's own: it can do nothing else) and DIBS_REPORT, with \
            which a line of output begins that reports:
              echo "$DIBS_REPORT progress 40 Writing tests"
              echo "$DIBS_REPORT milestone The tests pass"
              echo "$DIBS_REPORT cost 0.0125"
            Of your own variables it has these, and those of --pass-env:
              \(ChildEnvironment.agentNames.joined(separator: " "))

            Repositories: https and ssh addresses are taken, a path on this machine only from a \
            server on this machine. --allow-repo allows more, as https://git.example.org/*, \
            file:///srv/* or /srv/repos/*. Hooks and filters of a repository's own do not run, but \
            with --hooks.

            Examples:
              dibs work --workspace site -- ./agent.sh
              dibs work --parallel 3 --capability gpu -- claude -p
              dibs work --key-file ~/.dibs-key --pass-env 'AWS_*' -- ./agent.sh
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

    @Option(
        name: .customLong("allow-repo"),
        help: """
            Also work in repositories at addresses or paths like this one, with * and ?; may be \
            repeated (DIBS_ALLOW_REPO, between blanks).
            """)
    var allowedRepositories: [String] = []

    @Option(
        name: .customLong("pass-env"),
        help: "Give the command this variable too, or all that begin so: 'AWS_*'; may be repeated.")
    var passed: [String] = []

    @Flag(help: "Let git run the hooks and filters that a repository itself configures.")
    var hooks = false

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
        if let name = passed.first(where: { !ChildEnvironment.mayPass($0) || $0 == "*" }) {
            throw ValidationError(
                "--pass-env \(name): keys of Dibs and git's own variables are not handed on.")
        }
    }

    func run() async throws {
        let connected = try server.connect()
        let environment = ProcessInfo.processInfo.environment
        ProcessSecrets.hide()
        let folder =
            folder.map { URL(filePath: $0) }
            ?? DatabaseOptions.dataFolder(in: environment).appending(path: "work")
        let patterns = environment["DIBS_ALLOW_REPO"]?.split(separator: " ").map(String.init)
        var options = RunnerOptions(
            name: name ?? ProcessInfo.processInfo.hostName, key: connected.key,
            url: connected.url, command: command, capabilities: try Capabilities(capabilities),
            parallel: parallel, once: once, leaseSeconds: leaseSeconds, folder: folder,
            rules: RepositoryRules(
                allowed: allowedRepositories + (patterns ?? []), server: connected.url,
                runsPrograms: hooks),
            passing: passed)
        if let workspace {
            let found = try await connected.workspace(workspace)
            try options.rules.check(found)
            options.workspaceID = found.id
        }
        await warnOfAdminKey(connected, in: environment)
        let teller = RunnerTeller(showsOutput: !quiet)
        let service = RunnerService(
            runner: Runner(connected.service, options) { teller.tell($0) })
        try await service.runUntilStopped(logger: makeLogger(.error))
        switch service.last {
        case .failed: throw ExitCode(1)
        case .stopped: throw ExitCode(ErrorCode.leaseLost.exitNumber)
        case .refused: throw ExitCode(ErrorCode.gitFailed.exitNumber)
        case .completed, .released, nil: return
        }
    }

    /// Agents run under this user, and can read what it can read.
    private func warnOfAdminKey(_ connected: Connected, in environment: [String: String]) async {
        guard let key = try? KeyText.read(ConfigFile.read(in: environment).key, from: "") else {
            return
        }
        let account = try? await connected.service.account(nil, as: Credential(key))
        guard account?.level == .admin else { return }
        let file = ConfigFile.place(in: environment).path(percentEncoded: false)
        Terminal.note(
            "warning: \(file) holds an admin's key, and agents run as this user can read it. "
                + "Run dibs work as a user of its own, with the key of a member's account in "
                + "--key-file.")
    }
}

/// A runner as a service of the process: a graceful shutdown gives its tasks back.
final class RunnerService: Service {
    private let runner: Runner
    private let result = Mutex<AttemptResult?>(nil)

    init(runner: Runner) { self.runner = runner }

    /// The end of the last attempt.
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
                ], gracefulShutdownSignals: [.sigint, .sigterm, .sighup], logger: logger))
        try await group.run()
    }
}
