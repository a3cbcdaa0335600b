import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Every hot statement uses the index that is meant for it")
struct HotQueryTests {
    /// Every statement that ran while the closure did, with how the engine would run it.
    private func plans(
        of body: () async throws -> Void, in bed: TestBed
    ) async throws -> [(text: String, plan: String)] {
        let ran = try await bed.database.statements.recorded(body)
        var plans: [(String, String)] = []
        for statement in ran {
            let words = statement.text.split(separator: " ").first.map(String.init) ?? ""
            guard ["SELECT", "WITH", "UPDATE", "DELETE"].contains(words) else { continue }
            let plan = try await bed.database.explain(statement)
            plans.append((statement.text, plan.joined(separator: "\n")))
        }
        return plans
    }

    /// Tables that grow; the others are a few rows an installation.
    private static let large = [
        "tasks", "workers", "leases", "artifacts", "cost_entries", "events", "accounts",
        "account_days", "task_dependencies",
    ]

    /// The lines of a plan that read a large table from end to end, or an index of one.
    ///
    /// PostgreSQL says `Seq Scan on tasks t`; SQLite says `SCAN t` where the statement calls it so.
    private func scans(_ text: String, _ plan: String) -> [String] {
        let names = Self.large.flatMap { table in
            text.matches(of: /\b(?:FROM|JOIN|UPDATE) (\w+)(?: AS)?(?: (\w+))?/)
                .filter { $0.output.1 == table }
                .flatMap { [$0.output.1, $0.output.2].compactMap { $0 } }
        }
        return plan.split(separator: "\n").map(String.init).filter { line in
            let words = line.split(separator: " ")
            let scanned = words.firstIndex(of: "SCAN").map { words[$0 + 1] }
            return scanned.map(names.contains) == true
                || Self.large.contains { line.contains("Seq Scan on \($0)") }
        }
    }

    @Test(arguments: Door.direct)
    func `a statement that does scan is seen to, whatever it calls its table`(
        through door: Door
    ) async throws {
        try await withBacklog(through: door) { bed, _, _ in
            let wrong: [SQL] = [
                "SELECT id FROM tasks WHERE title = 'x'",
                "SELECT t.id FROM tasks t WHERE t.title = 'x'",
                "SELECT w.id FROM accounts a JOIN workers AS w ON w.name = a.name",
            ]
            for sql in wrong {
                let plans = try await plans(
                    of: {
                        _ = try await bed.database.read { try $0.rows(sql, as: AgentTask.ID.self) }
                    }, in: bed)
                #expect(plans.contains { !scans($0.text, $0.plan).isEmpty }, "\(plans)")
            }
        }
    }

    private func withBacklog(
        through door: Door, _ body: (TestBed, Workspace, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<100 { try await bed.task("\(number)", in: workspace) }
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxCostPerDay: "100", maxConcurrentWorkers: 50),
                in: workspace)
            try await bed.database.write { tx in
                for table in Self.large { try tx.script("ANALYZE " + table) }
            }
            try await body(bed, workspace, key)
        }
    }

    @Test(arguments: Door.direct)
    func `a claim reads tasks by tasks_claim_idx and scans nothing that grows`(
        through door: Door
    ) async throws {
        try await withBacklog(through: door) { bed, _, key in
            let plans = try await plans(of: { _ = try await bed.claim(as: key) }, in: bed)
            #expect(plans.contains { $0.plan.contains("tasks_claim_idx") })
            for (text, plan) in plans {
                #expect(scans(text, plan) == [], "\(text)\n\(plan)")
            }
        }
    }

    @Test(arguments: Door.direct)
    func `reports, heartbeats and completions scan nothing that grows`(
        through door: Door
    ) async throws {
        try await withBacklog(through: door) { bed, _, key in
            let worker = try #require(try await bed.claim(as: key).first)
            let plans = try await plans(
                of: {
                    _ = try await bed.service.report(
                        worker.id, Report(status: .running, costUSD: "0.5"), as: key)
                    _ = try await bed.service.heartbeat(worker.id, as: Credential(worker.token))
                    _ = try await bed.service.report(
                        worker.id, Report(status: .completed), as: key)
                }, in: bed)
            #expect(plans.count > 10)
            for (text, plan) in plans {
                #expect(scans(text, plan) == [], "\(text)\n\(plan)")
            }
        }
    }

    @Test(arguments: Door.direct)
    func `lists are read by their own index`(through door: Door) async throws {
        try await withBacklog(through: door) { bed, workspace, key in
            let byStatus = try await plans(
                of: {
                    _ = try await bed.service.tasks(
                        TaskFilter(status: .pending), PageRequest(limit: 5), as: bed.admin)
                }, in: bed)
            #expect(byStatus.contains { $0.plan.contains("tasks_status_idx") })
            let byWorkspace = try await plans(
                of: {
                    _ = try await bed.service.tasks(
                        TaskFilter(workspaceID: workspace.id), PageRequest(limit: 5), as: key)
                }, in: bed)
            #expect(byWorkspace.contains { $0.plan.contains("tasks_workspace_idx") })
        }
    }
}
