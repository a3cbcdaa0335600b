internal import ArgumentParser
internal import DibsCore
internal import DibsJSON
internal import Foundation

/// The command `dibs worker`.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Attempts at tasks.",
        subcommands: [WorkerList.self, WorkerShow.self, WorkerCosts.self])
}

/// The command `dibs worker list`.
struct WorkerList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List workers, newest first.",
        discussion: "Examples:\n  dibs worker list --live\n  dibs worker list --task 3fa9c1d2-…")

    @Option(help: "Only of one workspace, by name or id.")
    var workspace: String?

    @Option(help: "Only of one task.")
    var task: String?

    @Flag(help: "Only those that live.")
    var live = false

    @OptionGroup var page: PageOptions

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        var filter = WorkerFilter(live: live ? true : nil)
        if let workspace { filter.workspaceID = try await connected.workspace(workspace).id }
        filter.taskID = try task.map { try Connected.id($0) }
        let found = try await connected.service.workers(
            filter, page.request(), as: connected.key)
        let table = TextTable("id", "status", "name", "progress", "cost", "commits", "doing")
        try page.show(found, json: server.json, in: table, orNone: "No workers.") {
            worker, table in
            table.add(
                "\(worker.id)", worker.status.rawValue, worker.name, "\(worker.progress) %",
                "$\(worker.costUSD)", "\(worker.commits)",
                worker.currentAction?.shortened(to: 40))
        }
    }
}

/// The command `dibs worker show`.
struct WorkerShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a worker.",
        discussion: "Example:\n  dibs worker show 3fa9c1d2-…")

    @Argument(help: "The worker's id.")
    var id: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let worker = try await connected.service.worker(Connected.id(id), as: connected.key)
        if server.json { return try Terminal.printJSON(worker) }
        Terminal.print(Terminal.styled(worker.name.asLine, .bold))
        Terminal.print("  status    \(worker.status.rawValue), \(worker.progress) %")
        Terminal.print("  task      \(worker.taskID)")
        Terminal.print("  branch    \(worker.branch), \(worker.commits) commits")
        Terminal.print("  cost      $\(worker.costUSD), \(worker.turns) turns")
        Terminal.print("  began     \(worker.createdAt.rfc3339)")
        if let end = worker.completedAt { Terminal.print("  ended     \(end.rfc3339)") }
        let earlier = worker.milestoneCount - worker.milestones.elements.count
        if earlier > 0 { Terminal.print("  … \(earlier) milestones before these") }
        for milestone in worker.milestones.elements {
            Terminal.print("  ✓ " + milestone.title.asLine)
        }
        for warning in worker.warnings.elements { Terminal.print("  ! " + warning.asLine) }
        if let error = worker.error { Terminal.print("  ✗ " + error.indented(by: 4)) }
    }
}
