import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Whichever statement fails, nothing half-done is left")
struct FaultTests {
    /// What a database holds, as far as these operations could change it.
    private struct State: Sendable, Equatable {
        var counts: [Int]
        var statuses: [String]
        var sums: [String]
    }

    private func state(of database: Database) async throws -> State {
        try await database.read { snapshot in
            State(
                counts: try snapshot.rows(
                    """
                    SELECT count(*) FROM workers UNION ALL SELECT count(*) FROM leases
                    UNION ALL SELECT count(*) FROM events
                    UNION ALL SELECT count(*) FROM cost_entries
                    UNION ALL SELECT sum(active_workers + active_sessions) FROM accounts
                    UNION ALL SELECT sum(active) FROM seats
                    UNION ALL SELECT sum(active_workers) FROM workspaces
                    UNION ALL SELECT sum(open_dependencies + attempts + ends) FROM tasks
                    UNION ALL SELECT count(*) FROM questions
                    UNION ALL SELECT count(*) FROM idempotency_keys
                    UNION ALL SELECT count(*) FROM runners
                    UNION ALL SELECT count(*) FROM account_days
                    """, as: Int.self),
                statuses: try snapshot.rows(
                    "SELECT status FROM tasks ORDER BY id", as: String.self),
                sums: try snapshot.rows(
                    """
                    SELECT sum(total_cost) FROM accounts
                    UNION ALL SELECT coalesce(sum(hold), \(USD.zero)) FROM leases
                    UNION ALL SELECT coalesce(sum(spent), \(USD.zero)) FROM account_days
                    UNION ALL SELECT coalesce(sum(cost_usd), \(USD.zero)) FROM workers
                    """, as: USD.self
                ).map(\.description))
        }
    }

    private func withEngine(
        on backend: Backend, _ kind: Fault.Kind,
        _ body: (Engine, Database, Fault, Workspace, Credential) async throws -> Void
    ) async throws {
        try await backend.withPlace { place in
            let fault = Fault(kind)
            let database = Database { FaultyEngine(try await place.open(), fault) }
            try await database.migrate(Schema.migrations)
            let engine = try await Engine.open(database, secret: TestBed.secret)
            let admin = Credential(try #require(await engine.makeFirstAdmin(key: nil)).apiKey)
            let workspace = try await engine.createWorkspace(
                NewWorkspace(name: "site", maxWorkers: 2), as: admin)
            let account = try await engine.createAccount(
                NewAccount(
                    name: "w", maxCostPerDay: "5", maxConcurrentSessions: 2, seat: "plan"),
                as: admin)
            _ = try await engine.grant(
                account.account.id, in: workspace.id, Rights(canClaim: true, canCreate: true),
                as: admin)
            try await body(engine, database, fault, workspace, Credential(account.apiKey))
            await database.close()
        }
    }

    /// Lets every statement of an operation fail in turn, until it goes through; answers how many.
    private func failEach(
        _ fault: Fault, _ engine: Engine, _ database: Database,
        _ operation: () async throws -> Void
    ) async throws -> Int {
        let before = try await state(of: database)
        for statement in 1...200 {
            fault.arm(statement: statement)
            let error = try await failure(as: DibsError.self, of: operation)
            if fault.isArmed {
                fault.disarm()
                #expect(error == nil)
                return statement - 1
            }
            let code = fault.kind.code
            #expect(error?.code == code, "statement \(statement)")
            #expect(try await state(of: database) == before, "statement \(statement)")
            #expect(try await engine.findings() == [], "statement \(statement)")
        }
        Issue.record("an operation has more than 200 statements")
        return 200
    }

    @Test(arguments: Backend.all, Fault.Kind.allCases)
    func `a claim, a report with a cost, and a completion`(
        on backend: Backend, kind: Fault.Kind
    ) async throws {
        try await withEngine(on: backend, kind) { engine, database, fault, workspace, key in
            let task = try await engine.createTask(
                NewTask(workspaceID: workspace.id, title: "One"), as: key)
            _ = try await engine.createTask(
                NewTask(workspaceID: workspace.id, title: "Two", dependsOn: [task.id]), as: key)
            let claim = try await failEach(fault, engine, database) {
                _ = try await engine.claim(ClaimRequest(runner: "r"), as: key.once("claim"))
            }
            let live = try await engine.workers(WorkerFilter(live: true), .first, as: key)
            let worker = try #require(live.items.first).id
            let report = try await failEach(fault, engine, database) {
                _ = try await engine.report(
                    worker, Report(status: .running, milestones: ["m"], costUSD: "0.5"), as: key)
            }
            let completion = try await failEach(fault, engine, database) {
                _ = try await engine.report(
                    worker, Report(status: .completed, costUSD: "1"), as: key)
            }
            #expect(claim > 10 && report > 10 && completion > 15)
            let after = try await engine.tasks(TaskFilter(), .first, as: key)
            #expect(Set(after.items.map(\.task.status)) == [.completed, .pending])
        }
    }
}

extension Fault.Kind {
    /// The code that a caller gets whose transaction it met.
    var code: ErrorCode {
        switch self {
        case .refused: .databaseFailed
        case .full: .unavailable
        case .interrupted: .busy
        }
    }
}
