import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation

/// The real thing, furnished as the model is; each history has its own accounts and workspaces.
struct ModelSite {
    let bed: TestBed
    let start: Date
    private var workspaces: [Workspace] = []
    private(set) var accounts: [(id: Account.ID, key: Credential)] = []
    private(set) var tasks: [AgentTask.ID] = []
    private(set) var workers: [Worker.ID] = []

    init(_ bed: TestBed) async throws {
        (self.bed, start) = (bed, bed.clock.now)
        let name = UUID().uuidString
        for limit in Model.workspaces {
            workspaces.append(
                try await bed.workspace(name + "\(workspaces.count)") { $0.maxWorkers = limit })
        }
        for furnished in Model.accounts {
            let (account, key) = try await bed.account(
                NewAccount(
                    name: name, maxCostPerDay: furnished.limit.map(Self.cents),
                    maxConcurrentWorkers: furnished.workers), in: workspaces[0], workspaces[1])
            accounts.append((account.id, key))
        }
    }

    static func cents(_ count: Int) -> USD { USD(nanos: Int64(count) * 10_000_000) }

    mutating func perform(_ step: Step) async throws {
        let (service, admin) = (bed.service, bed.admin)
        switch step {
        case .add: try await add(step)
        case .claim(let account, let gpu, let most):
            bed.clock.advance(seconds: 0.001)
            let request = ClaimRequest(
                capabilities: try Capabilities(gpu ? ["gpu"] : []), maxTasks: most, runner: "model")
            let answer = try await service.claim(request, as: accounts[account].key)
            workers += answer.workers.map(\.id)
        case .name(let number, let account, let gpu):
            bed.clock.advance(seconds: 0.001)
            guard !tasks.isEmpty else { return }
            let request = ClaimRequest(
                taskID: tasks[number % tasks.count],
                capabilities: try Capabilities(gpu ? ["gpu"] : []), runner: "model")
            let answer = try await service.claim(request, as: accounts[account].key)
            workers += answer.workers.map(\.id)
        case .edit(let number, let priority):
            try await change(number) {
                _ = try await service.updateTask($0, TaskUpdate(priority: priority), as: admin)
            }
        case .start(let number): try await report(number, Report(status: .running))
        case .spend(let number, let cents):
            try await report(number, Report(costUSD: Self.cents(cents)))
        case .complete(let number): try await report(number, Report(status: .completed))
        case .fail(let number, let reason):
            try await report(number, Report(status: .error, failureClass: reason))
        case .wait(let number, let question):
            let asked = WaitingFor(prompt: "Shall I, \(question)?")
            try await report(number, Report(status: .waitingInput, waitingFor: asked))
        case .word(let number): try await report(number, Report(progress: 7))
        case .leave(let number):
            guard !workers.isEmpty else { return }
            let made = NewArtifact(type: .log, title: "log")
            _ = try await service.addArtifact(made, of: workers[number % workers.count], as: admin)
        case .post(let number, let cents):
            guard !workers.isEmpty else { return }
            let cost = NewCost(amount: Self.cents(cents))
            _ = try await service.addCost(cost, of: workers[number % workers.count], as: admin)
        case .numbered(let number, let sequence, let progress):
            try await report(number, Report(progress: progress, sequence: sequence))
        case .foreign(let number, let account):
            guard !workers.isEmpty else { return }
            _ = try await service.report(
                workers[number % workers.count], Report(), as: accounts[account].key)
        case .unknown: _ = try await service.report(Identifier(UUID()), Report(), as: admin)
        case .right(let account, let mayCreate):
            let rights = Rights(canClaim: true, canCreate: mayCreate, canReview: true)
            _ = try await service.grant(
                accounts[account].id, in: workspaces[0].id, rights, as: admin)
        case .once(let account, let key):
            bed.clock.advance(seconds: 0.001)
            let new = NewTask(workspaceID: workspaces[0].id, title: "once")
            let made = try await service.createTask(
                new, as: accounts[account].key.once("\(key)"))
            if !tasks.contains(made.id) { tasks.append(made.id) }
        case .answer(let number, let answer): try await self.answer(number, answer)
        case .limit(let account, let cents, let most):
            let limit = Model.accounts[account].limit.map { _ in Self.cents(cents) }
            _ = try await service.updateAccount(
                accounts[account].id,
                AccountChange(
                    maxCostPerDay: limit.map { .at($0) }, maxConcurrentWorkers: .at(most)),
                as: admin)
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

    private func answer(_ number: Int, _ answer: LimitAnswer?) async throws {
        guard !workers.isEmpty else { return }
        let worker = workers[number % workers.count]
        let kind: QuestionKind = answer == nil ? .ask : .limit
        let open = try await bed.database.read { snapshot in
            try Question.where {
                $0.workerID == worker; $0.kind == kind; $0.answeredAt == nil
            }
            .order { $0.createdAt.descending }.first(in: snapshot)
        }
        guard let open else { return }
        let said = NewAnswer(answer: answer?.rawValue ?? "yes", questionID: open.id)
        _ = try await bed.service.answer(worker, said, as: bed.admin)
    }

    private func change(
        _ number: Int, _ body: (AgentTask.ID) async throws -> Void
    ) async throws {
        guard !tasks.isEmpty else { return }
        try await body(tasks[number % tasks.count])
    }

    /// Takes up what others have added.
    mutating func reload() async throws {
        let here = workspaces.map(\.id)
        (tasks, workers) = try await bed.database.read { snapshot in
            (
                try AgentTask.where { $0.workspaceID.in(here) }.order { $0.createdAt }
                    .all(in: snapshot).map(\.id),
                try Worker.where { $0.workspaceID.in(here) }.order { $0.createdAt }
                    .all(in: snapshot).map(\.id)
            )
        }
    }

    /// A limit of workers or money that is passed, in words.
    ///
    /// Where limits were changed and money was spent meanwhile, it is the most that any step may
    /// have set, and what is held of it.
    func passedLimit(afterChanges: Bool) async throws -> String? {
        for (furnished, (id, key)) in zip(Model.accounts, accounts) {
            let account = try await bed.service.account(nil, as: key)
            let spending = try await bed.service.spending(of: id, days: 1, as: key)
            let most = max(furnished.workers, afterChanges ? Step.mostWorkers : 0)
            if account.activeWorkers > most { return "workers of \(account)" }
            guard let limit = furnished.limit else { continue }
            let money = Self.cents(max(limit, afterChanges ? Step.mostCents : 0))
            let taken = afterChanges ? spending.held : try spending.spent + spending.held
            if taken > money { return "money of \(spending)" }
        }
        for (limit, workspace) in zip(Model.workspaces, workspaces) {
            let now = try await bed.service.workspace(workspace.id, as: bed.admin)
            if let limit, now.activeWorkers > limit { return "workers of \(now)" }
        }
        return nil
    }
}
