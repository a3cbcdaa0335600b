internal import ArgumentParser
internal import DibsCore
internal import Foundation

/// The command `dibs task add`.
struct TaskAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a task.",
        discussion: """
            Examples:
              dibs task add "Fix the login" --workspace site
              dibs task add "Port to arm64" --workspace site --capability arm64 --priority 5
              dibs task add "Release" --workspace site --depends-on 3fa9c1d2-…
              cat plan.md | dibs task add "Follow the plan" --workspace site --description -
            """)

    @Argument(help: "One line: what to do.")
    var title: String

    @Option(help: "The workspace, by name or id.")
    var workspace: String

    @Option(help: "All of it, in Markdown; - reads it from standard input.")
    var description: String = ""

    @Option(help: "A head start of an hour a point, -1000 to 1000.")
    var priority: Int = 0

    @Option(name: .customLong("capability"), help: "What a runner must offer; may be repeated.")
    var capabilities: [String] = []

    @Option(name: .customLong("depends-on"), help: "A task to wait for; may be repeated.")
    var dependsOn: [String] = []

    @Option(help: "Which type of account it is for: any, user, service or action.")
    var runner: String = RunnerPreference.any.rawValue

    @Option(help: "Attempts it may cost, 1 to 100.")
    var maxAttempts: Int = 3

    @Option(help: "US dollars all its attempts together may cost.")
    var maxCost: String?

    @Option(help: "Tokens all its attempts together may use.")
    var maxTokens: Int?

    @Option(help: "Seconds all its attempts together may take. Default: 24 hours for each.")
    var maxSeconds: Int?

    @Option(help: "A key that only one open task of the workspace may have.")
    var dedupeKey: String?

    @Flag(help: "A person looks at the result before it counts.")
    var needsReview = false

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let workspace = try await connected.workspace(workspace)
        var new = NewTask(workspaceID: workspace.id, title: title)
        new.description = description == "-" ? try Self.standardInput() : description
        new.priority = priority
        new.requiredCapabilities = try Capabilities(capabilities)
        new.dependsOn = try dependsOn.map { try Connected.id($0) }
        new.runnerPreference = try choice(runner, "--runner")
        new.maxAttempts = maxAttempts
        new.maxCost = try maxCost.map { try amount($0, "--max-cost") }
        new.maxTokens = maxTokens
        new.maxDurationSeconds = maxSeconds
        new.dedupeKey = dedupeKey
        new.needsReview = needsReview
        let task = try await connected.service.createTask(new, as: connected.key)
        if server.json { return try Terminal.printJSON(task) }
        Terminal.print("\(task.id)  \(task.title.asLine)")
        guard task.openDependencies > 0 else { return }
        let view = try await connected.service.task(task.id, with: [.blockers], as: connected.key)
        BlockedNote.show(view.task, view.blockers ?? [])
    }

    private static func standardInput() throws -> String {
        String(decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self)
    }
}

/// A word beside the answer about a task that will wait for ever unless a person does something.
enum BlockedNote {
    static func show(_ task: AgentTask, _ blockers: [Blocker]) {
        for blocker in blockers where blocker.isDead {
            Terminal.note(
                """
                \(task.id) waits for \(blocker.id), which is \(blocker.status.rawValue): \
                dibs task retry \(blocker.id), or \
                dibs task edit \(task.id) --drop-depends-on \(blocker.id)
                """)
        }
    }
}

/// One of the words of an enumeration; throws `usage` with all of them.
func choice<Value: RawRepresentable & CaseIterable>(
    _ text: String, _ flag: String
) throws -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: text) else {
        let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw DibsError(
            .usage, "That is none of the choices.", details: [flag: text], hint: "Use \(all).")
    }
    return value
}

/// US dollars that were typed in; throws `invalid_amount`.
func amount(_ text: String, _ flag: String) throws -> USD {
    guard let amount = USD(text) else {
        throw DibsError(
            .invalidAmount, "That is no amount of US dollars.", details: [flag: text],
            hint: "Use digits with at most nine places: 0.25")
    }
    return amount
}
