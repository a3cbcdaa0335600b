import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation

/// The real thing, furnished as the model is; each history has its own accounts and workspaces.
struct ModelSite {
    private let bed: TestBed
    private let start: Date
    private var workspaces: [Workspace] = []
    private var accounts: [(id: Account.ID, key: Credential)] = []
    private var tasks: [AgentTask.ID] = []
    private var workers: [Worker.ID] = []

    init(_ bed: TestBed) async throws {
        (self.bed, start) = (bed, bed.clock.now)
        let name = UUID().uuidString
        for limit in Model.workspaces {
            workspaces.append(
                try await bed.workspace(name + "\(workspaces.count)") { $0.maxWorkers = limit })
        }
        for (limit, workersAtOnce) in Model.accounts {
            let (account, key) = try await bed.account(
                NewAccount(
                    name: name, maxCostPerDay: limit.map(Self.cents),
                    maxConcurrentWorkers: workersAtOnce), in: workspaces[0], workspaces[1])
            accounts.append((account.id, key))
        }
    }

    private static func cents(_ count: Int) -> USD { USD(nanos: Int64(count) * 10_000_000) }

    mutating func perform(_ step: Step) async throws {
        let (service, admin) = (bed.service, bed.admin)
        switch step {
        case .add: try await add(step)
        case .claim(let account, let gpu, let most):
            let request = ClaimRequest(
                capabilities: try Capabilities(gpu ? ["gpu"] : []), maxTasks: most, runner: "model")
            let answer = try await service.claim(request, as: accounts[account].key)
            workers += answer.workers.map(\.id)
        case .start(let number): try await report(number, Report(status: .running))
        case .spend(let number, let cents):
            try await report(number, Report(costUSD: Self.cents(cents)))
        case .complete(let number): try await report(number, Report(status: .completed))
        case .fail(let number): try await report(number, Report(status: .error))
        case .beat(let number): try await report(number, Report())
        case .cancel(let number):
            try await change(number) { _ = try await service.cancelTask($0, as: admin) }
        case .retry(let number):
            try await change(number) { _ = try await service.retryTask($0, as: admin) }
        case .release(let number):
            try await change(number) { _ = try await service.releaseTask($0, as: admin) }
        case .approve(let number):
            try await change(number) { _ = try await service.approveTask($0, as: admin) }
        case .reject(let number):
            try await change(number) { _ = try await service.rejectTask($0, as: admin) }
        case .pass(let seconds): try await bed.pass(seconds: seconds)
        case .sleep(let seconds):
            bed.clock.advance(seconds: Double(seconds))
            try await bed.reaper.tick()
        }
    }

    private mutating func add(_ step: Step) async throws {
        guard
            case .add(let workspace, let priority, let gpu, let after, let review, let cost) = step
        else { return }
        bed.clock.advance(seconds: 0.001)
        let here = try await here(workspace)
        let needed = try Capabilities(gpu ? ["gpu"] : [])
        let made = try await bed.task("\(tasks.count)", in: workspaces[workspace]) {
            $0.priority = priority
            $0.requiredCapabilities = needed
            $0.needsReview = review
            $0.maxCost = cost.map(Self.cents)
            if let after, !here.isEmpty { $0.dependsOn = [here[after % here.count]] }
        }
        tasks.append(made.id)
    }

    /// The tasks of a workspace, in the order they were added.
    private func here(_ workspace: Int) async throws -> [AgentTask.ID] {
        let page = try await bed.service.tasks(
            TaskFilter(workspaceID: workspaces[workspace].id), PageRequest(limit: 200),
            as: bed.admin)
        let ids = Set(page.items.map(\.task.id))
        return tasks.filter { ids.contains($0) }
    }

    private func report(_ number: Int, _ report: Report) async throws {
        guard !workers.isEmpty else { return }
        _ = try await bed.service.report(
            workers[number % workers.count], report, as: bed.admin)
    }

    private func change(
        _ number: Int, _ body: (AgentTask.ID) async throws -> Void
    ) async throws {
        guard !tasks.isEmpty else { return }
        try await body(tasks[number % tasks.count])
    }

    /// What differs from the model, or nil.
    func difference(from model: Model) async throws -> String? {
        let ids = tasks
        let found = try await bed.database.read { snapshot in
            try AgentTask.where { $0.id.in(ids) }.all(in: snapshot)
        }
        for (index, id) in tasks.enumerated() {
            guard let task = found.first(where: { $0.id == id }) else { return "task \(index)" }
            let real = Model.Task(
                workspace: model.tasks[index].workspace, rank: model.tasks[index].rank,
                needsGPU: model.tasks[index].needsGPU, review: task.needsReview,
                cost: model.tasks[index].cost, blockers: model.tasks[index].blockers,
                status: task.status, attempts: task.attempts, ends: task.ends,
                notBefore: task.notBefore.map { Int($0.milliseconds - start.milliseconds) })
            guard real == model.tasks[index] else {
                return "task \(index) is \(real), not \(model.tasks[index])"
            }
            guard task.openDependencies == model.openBlockers(of: index) else {
                return "task \(index) waits for \(task.openDependencies)"
            }
        }
        for (index, account) in accounts.enumerated() {
            let real = try await bed.service.account(account.id, as: bed.admin)
            guard real.activeWorkers == model.live(in: index).count else {
                return "account \(index) has \(real.activeWorkers) workers"
            }
            guard real.totalCost == Self.cents(model.spent[index]) else {
                return "account \(index) has spent \(real.totalCost)"
            }
        }
        return nil
    }
}
