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

    /// SQLite says `SCAN tasks` or `SCAN t`, PostgreSQL `Seq Scan on tasks t`.
    private func scans(_ plan: String) -> [String] {
        plan.split(separator: "\n").map(String.init).filter { line in
            Self.large.contains { table in
                line.contains("Seq Scan on \(table)")
                    || (line.contains("SCAN \(table)") && !line.contains("INDEX"))
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
                #expect(scans(plan) == [], "\(text)\n\(plan)")
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
            for (text, plan) in plans where !text.contains("FROM leases WHERE account_id") {
                #expect(scans(plan) == [], "\(text)\n\(plan)")
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
