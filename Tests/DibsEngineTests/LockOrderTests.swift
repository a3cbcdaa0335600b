import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Logging
import Testing

@Suite("Locks are taken in one order, so nobody waits in a circle")
struct LockOrderTests {
    /// What a caller does to a task or worker that is there; what it may not is passed over.
    enum Operation: CaseIterable, Sendable {
        case claim, start, spend, complete, fail, heartbeat, artifact
        case add, addDependent, cancel, retry, release, approve, reject
        case limits, grant, reap
        case wait, resume, answer, cost, edit, drop, remove, places
    }

    private struct Site: Sendable {
        let engines: [Engine]
        let admin: Credential
        let workspaces: [Workspace]
        let accounts: [(id: Account.ID, key: Credential)]
    }

    /// Three servers on one database, two workspaces (one limited), four accounts (two on a seat).
    private func furnish(_ databases: [Database]) async throws -> Site {
        try await databases[0].migrate(Schema.migrations)
        var engines: [Engine] = []
        for database in databases { engines.append(try await Engine.open(database)) }
        let made = try await engines[0].makeFirstAdmin(key: nil)
        let admin = Credential(try #require(made).apiKey)
        let workspaces = [
            try await engines[0].createWorkspace(
                NewWorkspace(name: "free", accessMode: .open), as: admin),
            try await engines[0].createWorkspace(
                NewWorkspace(name: "limited", accessMode: .open, maxWorkers: 3), as: admin),
        ]
        var accounts: [(Account.ID, Credential)] = []
        for number in 0..<4 {
            let account = try await engines[0].createAccount(
                NewAccount(
                    name: "\(number)", maxCostPerDay: "1000", maxConcurrentSessions: 6,
                    maxConcurrentWorkers: 5, seat: number < 2 ? "shared" : nil), as: admin)
            accounts.append((account.account.id, Credential(account.apiKey)))
        }
        return Site(engines: engines, admin: admin, workspaces: workspaces, accounts: accounts)
    }

    private func perform(_ operation: Operation, at site: Site, _ number: Int) async throws {
        guard let engine = site.engines.randomElement(),
            let account = site.accounts.randomElement(),
            let workspace = site.workspaces.randomElement()
        else { return }
        let admin = site.admin
        let filter = WorkerFilter(live: true)
        let worker = try await engine.workers(filter, .first, as: admin).items.randomElement()
        let task = try await engine.tasks(TaskFilter(), .first, as: admin).items.randomElement()?
            .task
        switch operation {
        case .claim:
            _ = try await engine.claim(ClaimRequest(maxTasks: 3, runner: "r"), as: account.key)
        case .add, .addDependent:
            var new = NewTask(workspaceID: workspace.id, title: "\(number)")
            new.needsReview = number.isMultiple(of: 5)
            if operation == .addDependent, let task {
                new.workspaceID = task.workspaceID
                new.dependsOn = [task.id]
            }
            _ = try await engine.createTask(new, as: admin)
        case .limits:
            _ = try await engine.updateAccount(
                account.id, AccountChange(maxConcurrentWorkers: .at(number % 6 + 2)), as: admin)
        case .places:
            let most: Limit<Int> = number.isMultiple(of: 5) ? .unlimited : .at(number % 9 + 1)
            let limit = WorkspaceChange(maxWorkers: most)
            _ = try await engine.updateWorkspace(workspace.id, limit, as: admin)
        case .edit, .drop:
            if let task { try await edit(task, operation, engine, admin) }
        case .remove:
            if let task { try await engine.deleteTask(task.id, as: admin) }
        case .grant:
            _ = try await engine.grant(account.id, in: workspace.id, Rights(), as: admin)
        case .reap:
            _ = try await Reaper(engine, logger: Logger(label: "dibs.test")).tick()
        case .cancel, .retry, .release, .approve, .reject:
            if let task { try await change(task.id, operation, engine, admin) }
        case .start, .spend, .complete, .fail, .heartbeat, .artifact, .wait, .resume, .answer,
            .cost:
            if let worker { try await report(worker, operation, engine, admin) }
        }
    }

    private func change(
        _ task: AgentTask.ID, _ operation: Operation, _ engine: Engine, _ key: Credential
    ) async throws {
        switch operation {
        case .cancel: _ = try await engine.cancelTask(task, as: key)
        case .retry: _ = try await engine.retryTask(task, as: key)
        case .release: _ = try await engine.releaseTask(task, as: key)
        case .approve: _ = try await engine.approveTask(task, as: key)
        default: _ = try await engine.rejectTask(task, as: key)
        }
    }

    /// Joins a task to another of its workspace, or parts it from all.
    private func edit(
        _ task: AgentTask, _ operation: Operation, _ engine: Engine, _ key: Credential
    ) async throws {
        var change = TaskUpdate(maxCost: .at("0.5"))
        if operation == .drop {
            let others = try await engine.tasks(
                TaskFilter(workspaceID: task.workspaceID), .first, as: key)
            change.dropDependsOn = others.items.map(\.task.id)
        } else {
            let other = try await engine.tasks(
                TaskFilter(workspaceID: task.workspaceID), .first, as: key
            ).items.randomElement()
            change.addDependsOn = other.map { [$0.task.id] }
        }
        _ = try await engine.updateTask(task.id, change, as: key)
    }

    private func report(
        _ worker: Worker, _ operation: Operation, _ engine: Engine, _ key: Credential
    ) async throws {
        switch operation {
        case .start:
            _ = try await engine.report(worker.id, Report(status: .running), as: key)
        case .spend:
            let more = try worker.costUSD + "0.01"
            _ = try await engine.report(worker.id, Report(costUSD: more), as: key)
        case .complete:
            _ = try await engine.report(worker.id, Report(status: .completed), as: key)
        case .fail:
            _ = try await engine.report(
                worker.id, Report(status: .error, failureClass: .infrastructure), as: key)
        case .wait:
            let asked = WaitingFor(prompt: "Shall I?")
            _ = try await engine.report(
                worker.id, Report(status: .waitingInput, waitingFor: asked), as: key)
        case .resume:
            _ = try await engine.report(worker.id, Report(status: .running), as: key)
        case .answer:
            _ = try await engine.answer(worker.id, NewAnswer(answer: "raise"), as: key)
        case .cost:
            _ = try await engine.addCost(NewCost(amount: "0.01"), of: worker.id, as: key)
        case .heartbeat: _ = try await engine.heartbeat(worker.id, as: key)
        default:
            _ = try await engine.addArtifact(
                NewArtifact(type: .log, title: "log"), of: worker.id, as: key)
        }
    }

    @Test(arguments: Backend.all)
    func `of every operation against every other, on three servers, none deadlocks`(
        on backend: Backend
    ) async throws {
        try await backend.withPlace { place in
            let databases = (0..<3).map { _ in Database { try await place.open(tries: 1) } }
            let site = try await furnish(databases)
            for number in 0..<20 { try await perform(.add, at: site, number) }
            let unexpected = await withTaskGroup(of: [ErrorCode].self) { group in
                for caller in 0..<12 {
                    group.addTask {
                        var codes: [ErrorCode] = []
                        for number in 0..<60 {
                            guard let next = Operation.allCases.randomElement() else { break }
                            do { try await perform(next, at: site, caller * 100 + number) } catch {
                                let code = (error as? DibsError)?.code ?? .internalError
                                if !Self.expected.contains(code) { codes.append(code) }
                            }
                        }
                        return codes
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            #expect(unexpected == [])
            let findings = try await site.engines[0].findings()
            #expect(findings == [])
            for database in databases { await database.close() }
        }
    }

    /// What the state of things may forbid; a deadlock would be `busy` or `database_failed`.
    private static let expected: Set<ErrorCode> = [
        .workerLimit, .sessionLimit, .dayLimit, .illegalTransition, .leaseLost, .notFound,
        .workspaceLimit, .inUse, .dependencyCycle, .forbidden,
    ]
}
