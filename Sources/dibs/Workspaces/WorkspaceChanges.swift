internal import ArgumentParser
internal import DibsCore

/// The argument that the verbs that take a workspace and change it have in common.
struct WorkspaceTarget: ParsableArguments {
    @Argument(help: "Its name or id.")
    var workspace: String

    @OptionGroup var server: ServerOptions

    func change(_ change: WorkspaceChange) async throws {
        let connected = try server.connect()
        let found = try await connected.workspace(workspace)
        let changed = try await connected.service.updateWorkspace(
            found.id, change, as: connected.key)
        if server.json { return try Terminal.printJSON(changed) }
        let state = changed.closedAt == nil ? "open" : "closed"
        Terminal.print("\(changed.id)  \(state)  \(changed.name)")
    }
}

/// The command `dibs workspace set`.
struct WorkspaceSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a workspace.",
        discussion: """
            Examples:
              dibs workspace set site --max-workers 4
              dibs workspace set site --access open
              dibs workspace set site --base-branch main --setup "npm ci" --copy-in .env
              dibs workspace set site --unset base-branch --unset setup
            """)

    @Option(help: "Its new name, unique.")
    var name: String?

    @Option(help: "Where the repository is on the runners' machines.")
    var localPath: String?

    @Option(help: "Where the repository is cloned from, without a password.")
    var repo: String?

    @Option(help: "Who may claim and add without a grant: open is everybody, restricted nobody.")
    var access: String?

    @Option(help: "Workers at once, or none.")
    var maxWorkers: CountLimit?

    @OptionGroup(title: GitOptions.title) var git: GitOptions

    @Option(
        help: """
            A setting of git to set back to its default: base-branch, branch-prefix, setup, \
            copy-in, uncommitted, push or in-place; may be repeated.
            """)
    var unset: [String] = []

    @OptionGroup var target: WorkspaceTarget

    func run() async throws {
        let cleared: [GitSetting] = try unset.map { try choice($0, "--unset") }
        let git = GitConfigChange(try git.settings(), clearing: Set(cleared.map(\.field)))
        try await target.change(
            WorkspaceChange(
                name: name, repo: repo, localPath: localPath.map(absolutePath),
                accessMode: try access.map { try choice($0, "--access") },
                gitConfig: git == GitConfigChange() ? nil : git, maxWorkers: maxWorkers?.limit))
    }
}

/// The command `dibs workspace close`.
struct WorkspaceClose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Close a workspace: nothing in it can be claimed or added.",
        discussion: "Example:\n  dibs workspace close site")
    @OptionGroup var target: WorkspaceTarget
    func run() async throws { try await target.change(WorkspaceChange(closed: true)) }
}

/// The command `dibs workspace open`.
struct WorkspaceOpen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Open a closed workspace again.",
        discussion: "Example:\n  dibs workspace open site")
    @OptionGroup var target: WorkspaceTarget
    func run() async throws { try await target.change(WorkspaceChange(closed: false)) }
}

/// The command `dibs workspace delete`.
struct WorkspaceDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a workspace in which nothing was ever claimed.",
        discussion: "Example:\n  dibs workspace delete site")

    @Argument(help: "Its name or id.")
    var workspace: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let found = try await connected.workspace(workspace)
        try await connected.service.deleteWorkspace(found.id, as: connected.key)
        if !server.json { Terminal.print("\(found.id)  deleted  \(found.name)") }
    }
}
