import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Dispatch
import Foundation
import Testing

@Suite("A write that fails takes nothing from those that share its commit")
struct SharedCommitTests {
    /// Two ways to one database: through one of them a statement can be made to fail.
    private struct Site: Sendable {
        let healthy: Engine
        let failing: Engine
        let database: Database
        let fault: Fault
        let workspace: Workspace
        let key: Credential
    }

    private func withSite(
        on backend: Backend, _ kind: Fault.Kind, _ body: (Site) async throws -> Void
    ) async throws {
        try await backend.withPlace { place in
            let base = try await place.open()
            let fault = Fault(kind)
            let database = Database { base }
            try await database.migrate(Schema.migrations)
            let healthy = try await Engine.open(database, secret: TestBed.secret)
            let failing = try await Engine.open(
                Database { FaultyEngine(base, fault) }, secret: TestBed.secret)
            let admin = Credential(try #require(await healthy.makeFirstAdmin(key: nil)).apiKey)
            let workspace = try await healthy.createWorkspace(
                NewWorkspace(name: "site", accessMode: .open, maxWorkers: 1000), as: admin)
            let made = try await healthy.createAccount(
                NewAccount(name: "w", maxCostPerDay: "9000", maxConcurrentWorkers: 1000),
                as: admin)
            try await body(
                Site(
                    healthy: healthy, failing: failing, database: database, fault: fault,
                    workspace: workspace, key: Credential(made.apiKey)))
            await database.close()
        }
    }

    private enum Operation: CaseIterable { case claim, report, complete }

    private func perform(
        _ operation: Operation, on task: AgentTask.ID, _ worker: Worker.ID?, _ site: Site
    ) async throws {
        let cost = Report(status: .running, milestones: ["m"], costUSD: "0.5")
        let done = Report(status: .completed, costUSD: "1")
        if let worker {
            let report = operation == .complete ? done : cost
            _ = try await site.failing.report(worker, report, as: site.key)
        } else {
            let request = ClaimRequest(taskID: task, runner: "r")
            _ = try await site.failing.claim(request, as: site.key)
        }
    }

    /// Lets one statement of the operation fail while two others write; answers whether it came
    /// to that statement.
    private func round(
        _ operation: Operation, statement: Int, _ site: Site
    ) async throws -> Bool {
        let new = NewTask(workspaceID: site.workspace.id, title: "victim")
        let task = try await site.healthy.createTask(new, as: site.key)
        var worker: Worker.ID?
        if operation != .claim {
            let request = ClaimRequest(taskID: task.id, runner: "r")
            worker = try await site.healthy.claim(request, as: site.key).workers.first?.id
        }
        let before = try await site.healthy.task(task.id, with: [.workers], as: site.key)
        site.fault.arm(statement: statement)
        // What is asked while the writer is held up is committed together.
        let gate = DispatchSemaphore(value: 0)
        async let held: Void = site.database.write { _ in gate.wait() }
        async let victim = failure(as: DibsError.self) {
            try await perform(operation, on: task.id, worker, site)
        }
        async let one = site.healthy.createTask(new, as: site.key)
        async let two = site.healthy.createTask(new, as: site.key)
        for _ in 0..<20 { await Task.yield() }
        // A closure may run twice.
        for _ in 0..<2 { gate.signal() }
        let (error, others) = try await (victim, [one.id, two.id])
        try await held
        let hasFailed = !site.fault.isArmed
        site.fault.disarm()
        let after = try await site.healthy.task(task.id, with: [.workers], as: site.key)
        #expect((error == nil) == (after != before), "\(operation) \(statement)")
        // Who is refused is told; on SQLite the full disk is gone when the three run once more.
        let code = site.fault.kind.code
        #expect(error == nil || error?.code == code)
        for id in others { _ = try await site.healthy.task(id, with: [], as: site.key) }
        return hasFailed
    }

    @Test(arguments: Backend.all, Fault.Kind.allCases)
    func `whichever statement of a claim, a report or a completion it is`(
        on backend: Backend, kind: Fault.Kind
    ) async throws {
        try await withSite(on: backend, kind) { site in
            for operation in Operation.allCases {
                var statement = 1
                while try await round(operation, statement: statement, site) { statement += 1 }
                #expect(statement > 10)
            }
            #expect(try await site.healthy.findings() == [])
        }
    }
}
