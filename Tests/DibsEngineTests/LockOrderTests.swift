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
    /// What a caller does, most of it to one task and its worker; what it may not is passed over.
    enum Operation: CaseIterable, Sendable {
        case claim, claimOnce, start, spend, complete, fail, heartbeat, artifact
        case add, addDependent, cancel, retry, release, approve, reject
        case limits, money, zone, close, grant, revoke, newAccount, rotateKey
        case reap, forgive
        case wait, resume, answer, cost, correct, edit, join, drop, archive, remove
        case places, closeWorkspace, source, newWorkspace
        case accept, dropCost
    }

    /// What the two of a pair meet on.
    private struct Target: Sendable {
        let number: Int
        let account: (id: Account.ID, key: Credential)
        let workspace: Workspace
        let task: AgentTask
        let other: AgentTask
        let worker: Worker
    }

    private struct Site: Sendable {
        let databases: [Database]
        let engines: [Engine]
        let admin: Credential
        let workspaces: [Workspace]
        let accounts: [(id: Account.ID, key: Credential)]
    }

    /// Three servers on one database, two workspaces (one limited), four accounts (two on a seat).
    private func furnish(_ databases: [Database]) async throws -> Site {
        try await databases[0].migrate(Schema.migrations)
        var engines: [Engine] = []
        for database in databases {
            engines.append(try await Engine.open(database, secret: TestBed.secret))
        }
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
        return Site(
            databases: databases, engines: engines, admin: admin, workspaces: workspaces,
            accounts: accounts)
    }

    private func perform(
        _ operation: Operation, by engine: Engine, at site: Site, on target: Target
    ) async throws {
        let (admin, id, number) = (site.admin, target.task.id, target.number)
        let isOdd = !number.isMultiple(of: 2)
        switch operation {
        case .claim, .claimOnce:
            let key = operation == .claim ? target.account.key : target.account.key.once("k")
            _ = try await engine.claim(ClaimRequest(maxTasks: 3, runner: "r"), as: key)
        case .add, .addDependent:
            var new = NewTask(workspaceID: target.workspace.id, title: "\(number)")
            new.needsReview = number.isMultiple(of: 5)
            if operation == .addDependent { new.dependsOn = [id] }
            _ = try await engine.createTask(new, as: admin)
        case .limits, .money, .zone, .close:
            let change = accountChange(operation, number)
            _ = try await engine.updateAccount(target.account.id, change, as: admin)
        case .places, .closeWorkspace:
            let most: Limit<Int> = number.isMultiple(of: 5) ? .unlimited : .at(number % 9 + 1)
            let change =
                operation == .places
                ? WorkspaceChange(maxWorkers: most) : WorkspaceChange(closed: isOdd)
            _ = try await engine.updateWorkspace(target.workspace.id, change, as: admin)
        case .source:
            let new = NewSource(type: .manual, name: "\(number)")
            _ = try await engine.createSource(new, in: target.workspace.id, as: admin)
        case .newWorkspace:
            _ = try await engine.createWorkspace(NewWorkspace(name: "\(number)"), as: admin)
        case .newAccount, .rotateKey:
            let new = NewAccount(name: "n", maxConcurrentSessions: 2, seat: "shared")
            let made = try await engine.createAccount(new, as: admin)
            if operation == .rotateKey {
                _ = try await engine.rotateKey(of: made.account.id, as: admin)
            }
            try await engine.deleteAccount(made.account.id, as: admin)
        case .edit, .join, .drop, .archive:
            _ = try await engine.updateTask(id, taskChange(operation, target), as: admin)
        case .remove: try await engine.deleteTask(id, as: admin)
        case .grant:
            _ = try await engine.grant(
                target.account.id, in: target.workspace.id, Rights(), as: admin)
        case .revoke:
            try await engine.revoke(target.account.id, in: target.workspace.id, as: admin)
        case .reap, .forgive:
            _ = try await Reaper(engine, logger: Logger(label: "dibs.test")).tick()
        case .cancel, .retry, .release, .approve, .reject:
            try await change(id, operation, engine, admin)
        case .start, .spend, .complete, .fail, .heartbeat, .artifact, .wait, .resume, .answer,
            .cost, .correct, .accept, .dropCost:
            try await report(target.worker, operation, engine, admin)
        }
    }

    private func accountChange(_ operation: Operation, _ number: Int) -> AccountChange {
        switch operation {
        case .limits: AccountChange(maxConcurrentWorkers: .at(number % 6 + 4))
        case .money: AccountChange(maxCostPerDay: .at(number.isMultiple(of: 2) ? "900" : "1000"))
        case .zone: AccountChange(timeZone: number.isMultiple(of: 2) ? "UTC" : "Asia/Tokyo")
        default: AccountChange(closed: !number.isMultiple(of: 2))
        }
    }

    private func taskChange(_ operation: Operation, _ target: Target) -> TaskUpdate {
        switch operation {
        case .join: TaskUpdate(addDependsOn: [target.other.id])
        case .drop: TaskUpdate(dropDependsOn: [target.other.id])
        case .archive: TaskUpdate(archived: true)
        default: TaskUpdate(priority: target.number % 7, maxCost: .at("0.5"))
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
        case .correct:
            let cost = try await engine.addCost(NewCost(amount: "0.02"), of: worker.id, as: key)
            let less = NewCost(amount: "-0.01", corrects: cost.id)
            _ = try await engine.addCost(less, of: worker.id, as: key)
        case .accept, .dropCost:
            let parked = try await engine.addCost(
                NewCost(amount: "20000"), of: worker.id, as: key)
            let decided = try await engine.decideCost(
                Identifier(parked.id.uuid), operation == .accept ? .accept : .drop, as: key)
            // It is taken back, or the account's day has no room for the next pair.
            guard let entry = decided.entryID else { return }
            let less = NewCost(amount: "-20000", corrects: entry)
            _ = try await engine.addCost(less, of: worker.id, as: key)
        case .heartbeat: _ = try await engine.heartbeat(worker.id, as: key)
        default:
            _ = try await engine.addArtifact(
                NewArtifact(type: .log, title: "log"), of: worker.id, as: key)
        }
    }

    /// A task of its own with a live worker, or whatever lives when the limits leave no room.
    private func target(_ number: Int, at site: Site) async throws -> Target {
        let engine = site.engines[number % site.engines.count]
        let account = site.accounts[number % site.accounts.count]
        let workspace = site.workspaces[number / 2 % site.workspaces.count]
        _ = try await engine.updateWorkspace(
            workspace.id, WorkspaceChange(closed: false), as: site.admin)
        _ = try await engine.updateAccount(
            account.id, AccountChange(closed: false), as: site.admin)
        let new = NewTask(workspaceID: workspace.id, title: "\(number)")
        var tasks: [AgentTask] = []
        while tasks.count < 2 {
            do { tasks.append(try await engine.createTask(new, as: site.admin)) } catch {
                guard (error as? DibsError)?.code == .forbidden else { throw error }
                return try await self.target(number, at: site)  // Another pair has closed it.
            }
        }
        let request = ClaimRequest(taskID: tasks[0].id, runner: "r")
        var claimed: ClaimedWorker?
        try await passingOver {
            claimed = try await engine.claim(request, as: account.key).workers.first
        }
        let live = try await engine.workers(WorkerFilter(live: true), .first, as: site.admin).items
        let mine = live.first { $0.id == claimed?.id } ?? live.randomElement()
        guard let worker = mine else { return try await self.target(number, at: site) }
        let task = try await engine.task(worker.taskID, with: [], as: site.admin).task
        return Target(
            number: number, account: account, workspace: workspace, task: task, other: tasks[1],
            worker: worker)
    }

    /// Does what the state of things may forbid; throws what nothing explains.
    private func passingOver(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as DibsError where Self.isExpected(error) {}
    }

    /// Lets a lease run out, or the servers have been away, where that is what an operation is for.
    private func prepare(_ pair: [Operation], _ target: Target, in database: Database) async throws
    {
        if pair.contains(.reap) {
            _ = try await database.write { tx in
                let past = try tx.now().addingTimeInterval(-60)
                try tx.execute(
                    "UPDATE leases SET expires_at = \(past) WHERE worker_id = \(target.worker.id)")
            }
        }
        if pair.contains(.forgive) {
            _ = try await database.write { tx in
                let past = try tx.now().addingTimeInterval(-1)
                try tx.execute(
                    """
                    UPDATE tasks SET not_before = \(past)
                    WHERE status = 'pending' AND workspace_id = \(target.workspace.id)
                    """)
                try tx.execute("UPDATE settings SET value = '0' WHERE name = 'reaper_tick'")
            }
        }
    }

    /// Does both at once on two servers, and ends what they leave; answers what nothing allows.
    private func meet(_ pair: [Operation], _ number: Int, at site: Site) async throws -> [Clash] {
        let target = try await target(number, at: site)
        try await prepare(pair, target, in: site.databases[0])
        let meeting = Meeting()
        var clashes = await withTaskGroup(of: Clash?.self) { group in
            for (place, operation) in pair.enumerated() {
                let engine = site.engines[(number + place) % site.engines.count]
                group.addTask {
                    do {
                        try await meeting.attend {
                            try await perform(operation, by: engine, at: site, on: target)
                        }
                        return nil
                    } catch {
                        if let known = error as? DibsError, Self.isExpected(known) { return nil }
                        return Clash(pair: pair, operation: operation, error: "\(error)")
                    }
                }
            }
            return await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
        }
        if !meeting.hasHappened {
            clashes.append(Clash(pair: pair, operation: pair[0], error: "They have not met."))
        }
        let end = Report(status: .error, failureClass: .infrastructure)
        try await passingOver {
            _ = try await site.engines[0].report(target.worker.id, end, as: site.admin)
        }
        return clashes
    }

    /// An error that no state of things explains, of two in a circle one is refused; or two that
    /// have not met, which shows nothing.
    private struct Clash: Sendable, Hashable {
        let pair: [Operation]
        let operation: Operation
        let error: String
    }

    @Test(arguments: Backend.all)
    func `of every operation against every other, on three servers, none deadlocks`(
        on backend: Backend
    ) async throws {
        try await backend.withPlace { place in
            let databases = (0..<3).map { _ in
                Database { MeetingEngine(try await place.open(tries: 1), on: place.backend) }
            }
            let site = try await furnish(databases)
            let all = Operation.allCases
            let pairs = all.enumerated().flatMap { place, first in
                all[place...].map { [first, $0] }
            }
            let clashes = try await withThrowingTaskGroup(of: [Clash].self) { group in
                for runner in 0..<Self.pairsAtOnce {
                    group.addTask {
                        var found: [Clash] = []
                        for number in stride(from: runner, to: pairs.count, by: Self.pairsAtOnce) {
                            found += try await meet(pairs[number], number, at: site)
                        }
                        return found
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(clashes == [])
            let findings = try await site.engines[0].findings()
            #expect(findings == [])
            for database in databases { await database.close() }
        }
    }

    /// How many pairs meet at a time, each on a task of its own, in the same few accounts.
    private static let pairsAtOnce = 4

    /// Whether the state of things explains it, or that others were there first each time it
    /// looked: what says so gives up after some looks, and is no circle.
    private static func isExpected(_ error: DibsError) -> Bool {
        expected.contains(error.code)
            || error.code == .busy && overtaken.contains(error.message)
    }

    private static let overtaken: Set = [
        "Others took every task while this claim looked.", "The lane of the task came and went.",
    ]

    /// What the state of things may forbid; a deadlock would be `busy` or `database_failed`.
    private static let expected: Set<ErrorCode> = [
        .workerLimit, .sessionLimit, .dayLimit, .illegalTransition, .leaseLost, .notFound,
        .workspaceLimit, .inUse, .dependencyCycle, .forbidden, .duplicate, .nameTaken,
        .idempotencyKeyReused, .accountClosed, .taskNotClaimable,
    ]
}
