import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Testing

@Suite("Behind PgBouncer in transaction mode all is as without it", .timeLimit(.minutes(3)))
struct PgBouncerTests {
    /// An installation that knows its database through the pooler alone.
    private func withEngine(
        _ body: (Engine, Database, Credential) async throws -> Void
    ) async throws {
        try await ServerDatabase.with { place in
            let database = place.open(try place.pooledAddress(), connections: 32)
            try await database.migrate(Schema.migrations)
            #expect(try await database.schemaDrift(from: Schema.tables) == [])
            let engine = try await Engine.open(database, secret: TestBed.secret)
            let admin = try #require(try await engine.makeFirstAdmin(key: .newKey()))
            try await body(engine, database, Credential(admin.apiKey))
            #expect(try await engine.findings() == [])
            await database.close()
        }
    }

    /// The pooler has four backends for these, and gives each transaction any of them.
    @Test func `32 callers claim, report and complete at once`() async throws {
        try await withEngine { engine, _, key in
            let workspace = try await engine.createWorkspace(
                NewWorkspace(name: "site"), as: key)
            let me = try await engine.account(nil, as: key)
            _ = try await engine.updateAccount(
                me.id, AccountChange(maxConcurrentWorkers: 100), as: key)
            let done = try await withThrowingTaskGroup(of: [Worker.ID].self) { group in
                for caller in 0..<32 {
                    group.addTask {
                        var done: [Worker.ID] = []
                        for number in 0..<5 {
                            let new = NewTask(
                                workspaceID: workspace.id, title: "\(caller) \(number)")
                            _ = try await engine.createTask(new, as: key)
                            let request = ClaimRequest(runner: "caller \(caller)")
                            for worker in try await engine.claim(request, as: key).workers {
                                let token = Credential(worker.token)
                                let report = Report(status: .running, progress: 50)
                                _ = try await engine.report(worker.id, report, as: token)
                                let end = Report(status: .completed, costUSD: "0.01")
                                _ = try await engine.report(worker.id, end, as: token)
                                done.append(worker.id)
                            }
                        }
                        return done
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(done).count == 160)
            let total = try await engine.account(nil, as: key).totalCost
            #expect(total == "1.6")
        }
    }

    @Test func `nothing is set for longer than its transaction`() async throws {
        try await withEngine { _, database, _ in
            let settings: SQL = """
                SELECT name FROM pg_settings WHERE source = 'session' AND name IN (
                    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
                    'synchronous_commit')
                """
            for _ in 0..<8 {
                let inside = try await database.write { try $0.rows(settings, as: String.self) }
                #expect(inside.count == 4)
            }
        }
    }
}
