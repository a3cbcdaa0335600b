import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Data of an older version is all there after the migrations")
struct UpgradeTests {
    /// Rows as an older version left them: an account at work, and what it did before.
    private struct OldRows: Sendable {
        let key = Credential.newKey()
        let admin = Credential.newKey()
        let workspace = Identifier<Workspace>(UUID())
        let account = Identifier<Account>(UUID())
        let boss = Identifier<Account>(UUID())
        let source = Identifier<Source>(UUID())
        let lane = Identifier<Lane>(UUID())
        let done = Identifier<AgentTask>(UUID())
        let current = Identifier<AgentTask>(UUID())
        let ended = Identifier<Worker>(UUID())
        let live = Identifier<Worker>(UUID())
        let text = Identifier<Artifact>(UUID())
        let link = Identifier<Artifact>(UUID())
        let half: USD = "0.5"

        func write(in tx: Transaction) throws {
            let now = try tx.now()
            for (id, name, level, key, count) in [
                (boss, "admin", AccountLevel.admin, admin, 0), (account, "ada", .worker, key, 1),
            ] {
                try tx.execute(
                    """
                    INSERT INTO accounts (id, name, level, api_key, api_key_prefix,
                        active_workers, active_sessions, total_cost, total_tasks)
                    VALUES (\(id), \(name), \(level), \(key.hash), \(key.prefix), \(count),
                        \(count), \(count == 1 ? half : .zero), \(count))
                    """)
            }
            let day = String(now.rfc3339.prefix(10))
            try tx.execute(
                """
                INSERT INTO account_days (account_id, day, spent)
                VALUES (\(account), \(day), \(half))
                """)
            try tx.execute("INSERT INTO workspaces (id, name) VALUES (\(workspace), 'site')")
            try tx.execute(
                """
                INSERT INTO account_workspaces (account_id, workspace_id, can_claim, can_create)
                VALUES (\(account), \(workspace), \(true), \(true))
                """)
            try tx.execute(
                """
                INSERT INTO sources (id, workspace_id, type, name, config) VALUES
                (\(source), \(workspace), 'github', 'issues', '{"token":"s3cret"}')
                """)
            try tx.execute("INSERT INTO lanes (id, workspace_id) VALUES (\(lane), \(workspace))")
            try writeTasks(now, in: tx)
            try writeWork(now, day, in: tx)
            try tx.execute(
                """
                INSERT INTO idempotency_keys (account_id, operation, key, fingerprint, resource)
                VALUES (\(account), 'POST tasks', 'once', 'x', '{"id":"old"}')
                """)
            try tx.execute("INSERT INTO settings (name, value) VALUES ('token_secret', 'clear')")
        }

        private func writeTasks(_ now: Date, in tx: Transaction) throws {
            try tx.execute(
                """
                INSERT INTO tasks (id, workspace_id, lane_id, source_id, external_id, title,
                    status, claimed_by, attempts, result, context)
                VALUES (\(done), \(workspace), \(lane), \(source), '7', 'Done', 'completed',
                    \(account), 1, '{"ok":true}', '{"issue":7}')
                """)
            try tx.execute(
                """
                INSERT INTO tasks (id, workspace_id, lane_id, title, status, claimed_by,
                    claimed_at, expires_at, open_questions, parent_task_id)
                VALUES (\(current), \(workspace), \(lane), 'Current', 'in_progress', \(account),
                    \(now), \(now.addingTimeInterval(900)), 1, \(done))
                """)
        }

        private func writeWork(_ now: Date, _ day: String, in tx: Transaction) throws {
            try tx.execute(
                """
                INSERT INTO workers (id, task_id, workspace_id, account_id, runner, name, branch,
                    status, cost_usd, completed_at)
                VALUES (\(ended), \(done), \(workspace), \(account), 'r', 'ended', 'b', 'completed',
                    \(half), \(now))
                """)
            try tx.execute(
                """
                INSERT INTO workers (id, task_id, workspace_id, account_id, runner, name, branch,
                    status, milestones)
                VALUES (\(live), \(current), \(workspace), \(account), 'r', 'live', 'c', 'running',
                    '[{"title":"one","at":"2026-01-02T03:04:05.000Z"}]')
                """)
            try tx.execute(
                """
                INSERT INTO leases (task_id, worker_id, account_id, expires_at, ends_at,
                    length_seconds, sequence)
                VALUES (\(current), \(live), \(account), \(now.addingTimeInterval(900)),
                    \(now.addingTimeInterval(900)), 900, 3)
                """)
            try tx.execute(
                """
                INSERT INTO cost_entries (worker_id, account_id, day, sequence, amount,
                    occurred_at) VALUES (\(ended), \(account), \(day), 1, \(half), \(now))
                """)
            try tx.execute(
                """
                INSERT INTO questions (task_id, worker_id, kind, prompt, options)
                VALUES (\(current), \(live), 'limit', 'More?', '["raise","stop"]')
                """)
            try tx.execute(
                """
                INSERT INTO artifacts (id, worker_id, task_id, type, title, content)
                VALUES (\(text), \(ended), \(done), 'log', 'text', 'é and more')
                """)
            try tx.execute(
                """
                INSERT INTO artifacts (id, worker_id, task_id, type, title, storage_key)
                VALUES (\(link), \(ended), \(done), 'link', 'link', 's3://x')
                """)
            try tx.execute(
                """
                INSERT INTO events (type, workspace_id, task_id, worker_id, account_id)
                VALUES ('task.completed', \(workspace), \(done), \(ended), \(account))
                """)
        }
    }

    private func withUpgraded(
        on backend: Backend, _ body: (Engine, Database, OldRows) async throws -> Void
    ) async throws {
        try await backend.withDatabase { database in
            let old = OldRows()
            try await database.migrate(Array(Schema.migrations.prefix(5)))
            try await database.write { try old.write(in: $0) }
            let ran = try await database.migrate(Schema.migrations)
            #expect(ran == Schema.migrations.dropFirst(5).map(\.name))
            #expect(try await database.schemaDrift(from: Schema.tables) == [])
            let engine = try await Engine.open(database, secret: TestBed.secret)
            try await body(engine, database, old)
            #expect(try await engine.findings() == [])
        }
    }

    @Test(arguments: Backend.all)
    func `keys open, work goes on, and what was left is read`(on backend: Backend) async throws {
        try await withUpgraded(on: backend) { engine, _, old in
            let me = try await engine.account(nil, as: old.key)
            #expect(me.id == old.account && me.totalCost == "0.5")
            let done = try await engine.task(
                old.done, with: [.artifacts, .workers], as: old.key)
            #expect(done.task.result == ["ok": true] && done.task.context == ["issue": 7])
            #expect(done.artifacts?.map(\.size).sorted() == [0, "é and more".utf8.count])
            #expect(try await engine.artifact(old.text, as: old.key).content == "é and more")
            #expect(try await engine.artifact(old.link, as: old.key).content == nil)
            let worker = try await engine.worker(old.live, as: old.key)
            #expect(worker.milestoneCount == 1)
            #expect(worker.milestones.elements.map(\.title) == ["one"])
            let question = try #require(
                try await engine.questions(QuestionFilter(), .first, as: old.key).items.first)
            #expect(!question.freeText && question.options.elements == ["raise", "stop"])
            _ = try await engine.answer(
                old.live, NewAnswer(answer: "raise", questionID: question.id), as: old.admin)
            let report = Report(status: .completed, milestones: ["two"], sequence: 4)
            let answer = try await engine.report(old.live, report, as: old.key)
            #expect(answer.worker.status == .completed && answer.worker.milestoneCount == 2)
            let task = try await engine.task(old.current, with: [], as: old.key).task
            #expect(task.status == .completed && task.parentTaskID == old.done)
        }
    }

    @Test(arguments: Backend.all)
    func `rights stay as narrow as they were, and no secret stays in clear`(
        on backend: Backend
    ) async throws {
        try await withUpgraded(on: backend) { engine, database, old in
            let refused = try await failure(as: DibsError.self) {
                _ = try await engine.cancelTask(old.current, as: old.key)
            }
            #expect(refused?.code == .forbidden, "can_create gives no can_review")
            let sources = try await engine.sources(in: old.workspace, .first, as: old.admin)
            #expect(sources.items.map(\.config) == [["token": .null]])
            let kept = try await database.read { snapshot in
                try snapshot.rows(
                    """
                    SELECT count(*) FROM sources WHERE sealed_config IS NOT NULL
                        AND CAST(config AS text) NOT LIKE '%s3cret%'
                    UNION ALL SELECT count(*) FROM settings WHERE name = 'token_secret'
                    UNION ALL SELECT count(*) FROM idempotency_keys
                    """, as: Int.self)
            }
            #expect(kept == [1, 0, 0])
            // The key in the other system is free again, and a repetition from before is none.
            let new = NewTask(
                workspaceID: old.workspace, title: "Again", sourceID: old.source, externalID: "7")
            let made = try await engine.createTask(new, as: old.key.once("once"))
            #expect(made.externalID == "7" && made.id != old.done)
            let again = try await engine.createTask(new, as: old.key.once("once"))
            #expect(again.id == made.id)
        }
    }
}
