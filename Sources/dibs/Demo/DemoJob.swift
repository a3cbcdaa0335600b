internal import DibsClient
internal import DibsCore
internal import DibsRunner
internal import Foundation
internal import ServiceLifecycle

/// The work of the demo once its server answers.
struct DemoJob: Service {
    let folder: URL
    let key: Credential
    let once: Bool
    let ports: AsyncStream<Int>

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var ports = ports.makeAsyncIterator()
            guard let port = await ports.next() else { return }
            do {
                try await work(at: "http://127.0.0.1:\(port)")
            } catch is CancellationError {}
        }
    }

    private func work(at address: String) async throws {
        let service = try HTTPDibsService(address)
        let repository = SampleRepository(folder: folder)
        try await repository.make()
        let name = "lighthouse-" + folder.lastPathComponent.suffix(8)
        let workspace = try await service.createWorkspace(
            NewWorkspace(name: name, localPath: repository.path), as: key)
        let tasks = try await addTasks(to: workspace, service)
        Terminal.print("\(tasks.count) tasks in workspace \(name), three runners\n")
        try await runAll(tasks, in: workspace, service, address, repository)
        let views = try await result(of: workspace, service)
        Terminal.print("\n" + table(views))
        let log = try await repository.git("log", "--oneline", "--graph", "--all", "--decorate")
        Terminal.print("git log --oneline --graph --all\n" + log)
        try check(views, expected: tasks.count, branches: log)
        guard !once else { return Terminal.print("Every task is completed, once, on its branch.") }
        Terminal.print("repository  \(repository.path)")
        Terminal.print("server      \(Terminal.styled(address, .bold))  (Ctrl-C ends it)")
        Terminal.print("look        DIBS_URL=\(address) DIBS_KEY=\(key.secret) dibs task list")
        try await gracefulShutdown()
    }

    private func addTasks(
        to workspace: Workspace, _ service: any DibsService
    ) async throws -> [AgentTask] {
        var made: [AgentTask] = []
        for (title, description, after) in SampleRepository.tasks {
            var new = NewTask(workspaceID: workspace.id, title: title, description: description)
            if let after { new.dependsOn = [made[after].id] }
            made.append(try await service.createTask(new, as: key))
        }
        return made
    }

    /// Three runners, each under an account of its own, until no task is open.
    private func runAll(
        _ tasks: [AgentTask], in workspace: Workspace, _ service: any DibsService,
        _ address: String, _ repository: SampleRepository
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["ada", "grace", "linus"] {
                let account = try await service.createAccount(
                    NewAccount(name: name, maxCostPerDay: "5"), as: key)
                _ = try await service.grant(
                    account.account.id, in: workspace.id, Rights(), as: key)
                let teller = DemoTeller(name: name)
                let options = RunnerOptions(
                    name: name, key: Credential(account.apiKey), url: address,
                    command: [repository.agent], workspaceID: workspace.id,
                    folder: folder.appending(path: "work"))
                group.addTask {
                    try await Runner(service, options) { teller.tell($0) }.run()
                }
            }
            group.addTask {
                while try await isOpen(workspace, service) {
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            // The runners go on for ever; the watcher ends when there is nothing left to do.
            try await group.next()
            group.cancelAll()
        }
    }

    private func isOpen(_ workspace: Workspace, _ service: any DibsService) async throws -> Bool {
        try await result(of: workspace, service).contains { !$0.task.status.isClosed }
    }

    private func result(
        of workspace: Workspace, _ service: any DibsService
    ) async throws -> [TaskView] {
        let filter = TaskFilter(workspaceID: workspace.id, parts: [.workers, .artifacts])
        let page = try await service.tasks(filter, PageRequest(limit: 200), as: key)
        return page.items.reversed()
    }

    private func table(_ views: [TaskView]) -> String {
        var table = TextTable("task", "status", "worker", "commits", "lines", "cost")
        for view in views {
            let worker = view.workers?.last
            table.add(
                view.task.title, view.task.status.rawValue, worker?.runner,
                worker.map { "\($0.commits)" }, worker.map { "+\($0.linesAdded)" },
                worker.map { "$\($0.costUSD)" })
        }
        return table.text(orNone: "")
    }

    /// Throws unless every task was completed by one worker, with commits and an artifact.
    private func check(_ views: [TaskView], expected: Int, branches: String) throws {
        let amiss = views.filter { view in
            guard let worker = view.workers?.first, view.workers?.count == 1 else { return true }
            return view.task.status != .completed || worker.commits != 2
                || view.artifacts?.count != 1 || !branches.contains(worker.branch)
        }
        guard views.count == expected, amiss.isEmpty else {
            throw DibsError(
                .internalError, "The demo did not go as it should.",
                details: ["tasks": amiss.map(\.task.title).joined(separator: ", ")],
                hint: "Run it again; if it happens again, report it.")
        }
    }
}

/// One line an event: who, what, on which task.
struct DemoTeller: Sendable {
    let name: String

    func tell(_ event: RunnerEvent) {
        switch event {
        case .claimed(let worker): say(worker, "claims", .cyan, "on \(worker.branch)")
        case .step(let worker, let words): say(worker, "reports", .dim, words)
        case .output(let worker, let line): say(worker, "prints", .dim, line)
        case .ended(let worker, .completed(let commits)):
            say(worker, "completes", .green, counted(commits))
        case .ended(let worker, .failed(let reason)): say(worker, "fails", .red, reason)
        case .ended(let worker, .released): say(worker, "gives back", .yellow, "")
        case .ended(let worker, .stopped(let reason)): say(worker, "stops", .yellow, reason)
        case .ended(let worker, .refused(let reason)): say(worker, "refuses", .red, reason)
        case .warning(let worker, let words): say(worker, "warns", .yellow, words)
        case .started, .nothing: break
        case .trouble(let error): Terminal.note("\(error)".asLine)
        }
    }

    private func say(
        _ worker: ClaimedWorker, _ verb: String, _ style: Terminal.Style, _ words: String
    ) {
        let who = name.padded(to: 6)
        let title = worker.task.title.asLine.padded(to: 28)
        let styled = Terminal.styled(verb.padded(to: 10), style)
        Terminal.print("\(who)  \(styled)  \(title)  \(words.asLine)")
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        self + String(repeating: " ", count: max(0, count - columns))
    }
}
