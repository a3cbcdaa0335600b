internal import ArgumentParser
internal import DibsCore
internal import DibsJSON
internal import Foundation

/// The command `dibs workspace`.
struct WorkspaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workspace",
        abstract: "Repositories, and what agents know about them.",
        subcommands: [
            WorkspaceAdd.self, WorkspaceList.self, WorkspaceShow.self, WorkspaceSet.self,
            WorkspaceClose.self, WorkspaceOpen.self, WorkspaceDelete.self,
        ])
}

/// The command `dibs workspace add`.
struct WorkspaceAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a workspace.",
        discussion: """
            Examples:
              dibs workspace add site --local-path ~/code/site
              dibs workspace add api --repo git@example.org:team/api.git --max-workers 4 --open
            """)

    @Argument(help: "Its name, unique.")
    var name: String

    @Option(help: "Where the repository is on the runners' machines.")
    var localPath: String?

    @Option(help: "Where the repository is cloned from, without a password.")
    var repo: String?

    @Option(help: "Workers at once. Default: no limit.")
    var maxWorkers: Int?

    @Flag(
        help: """
            Every key may see it, claim and add tasks here without a grant; deciding and answering \
            still needs one.
            """)
    var open = false

    @OptionGroup(title: GitOptions.title) var git: GitOptions

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        var new = NewWorkspace(name: name)
        new.localPath = localPath.map(absolutePath)
        new.repo = repo
        new.gitConfig = GitConfigChange(try git.settings()).applied(to: nil)
        new.maxWorkers = maxWorkers
        new.accessMode = open ? .open : .restricted
        let made = try await connected.service.createWorkspace(new, as: connected.key)
        if server.json { return try Terminal.printJSON(made) }
        Terminal.print("\(made.id)  \(made.name)")
    }
}

/// The command `dibs workspace list`.
struct WorkspaceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the workspaces you may see.",
        discussion: "Example:\n  dibs workspace list")

    @OptionGroup var page: PageOptions

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let found = try await connected.service.workspaces(
            named: nil, page.request(), as: connected.key)
        let table = TextTable("id", "name", "access", "workers", "repository")
        try page.show(
            found, json: server.json, in: table,
            orNone: "No workspaces. Add one: dibs workspace add NAME"
        ) {
            workspace, table in
            table.add(
                "\(workspace.id)", workspace.name, workspace.accessMode.rawValue,
                workspace.maxWorkers.map { "\(workspace.activeWorkers)/\($0)" },
                workspace.localPath ?? workspace.repo)
        }
    }
}

/// The command `dibs workspace show`.
struct WorkspaceShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a workspace and what agents know about it.",
        discussion: "Example:\n  dibs workspace show site")

    @Argument(help: "Its name or id.")
    var workspace: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let workspace = try await connected.workspace(workspace)
        if server.json { return try Terminal.printJSON(workspace) }
        Terminal.print(Terminal.styled(workspace.name, .bold))
        Terminal.print("  id          \(workspace.id)")
        Terminal.print("  access      \(workspace.accessMode.rawValue)")
        Terminal.print("  repository  \(workspace.localPath ?? workspace.repo ?? "–")")
        Self.show(workspace.gitConfig ?? GitConfig())
        Terminal.print(
            "  workers     \(workspace.maxWorkers.map { "at most \($0)" } ?? "no limit")")
        Terminal.print("  memory      \(workspace.memory.canonicalText)")
    }

    /// The settings of git; of those that have none, only the base.
    private static func show(_ git: GitConfig) {
        Terminal.print("  base        \(git.baseBranch ?? "HEAD")")
        if let prefix = git.branchPrefix { Terminal.print("  prefix      \(prefix)") }
        if let setup = git.setup { Terminal.print("  setup       \(setup.indented(by: 14))") }
        if let paths = git.copyIn {
            Terminal.print("  copy in     \(paths.joined(separator: ", "))")
        }
        if let fate = git.uncommitted { Terminal.print("  uncommitted \(fate.rawValue)") }
        if git.push == true { Terminal.print("  push        after each attempt") }
        if git.inPlace == true { Terminal.print("  in place    yes") }
    }
}
