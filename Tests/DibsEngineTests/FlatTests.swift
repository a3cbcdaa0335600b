import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("A claim costs the same however many tasks wait", .timeLimit(.minutes(10)))
struct FlatTests {
    /// Ten workspaces with one lane each, and an account that may claim in all of them.
    private func withWorkspaces(
        through door: Door, _ body: (TestBed, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let name = NewAccount(name: "w", maxConcurrentWorkers: 100_000)
            let (account, key) = try await bed.account(name)
            for number in 0..<10 {
                let workspace = try await bed.workspace("\(number)")
                _ = try await bed.service.grant(
                    account.id, in: workspace.id, Rights(), as: bed.admin)
                try await bed.task("first", in: workspace)
            }
            try await body(bed, key)
        }
    }

    /// Adds pending tasks to every workspace until there are so many.
    ///
    /// The older half waits for a time that is far away, so the best in rank cannot be claimed.
    private func fill(_ bed: TestBed, to count: Int) async throws {
        let now = bed.clock.now
        try await bed.database.write { tx in
            let lanes = try Lane.all.order { $0.id }.all(in: tx)
            let there = try AgentTask.all.count(in: tx)
            let each = (count - there) / lanes.count
            let later = now.addingTimeInterval(1_000_000)
            for lane in lanes {
                for isBlocked in [true, false] {
                    let start = now.addingTimeInterval(isBlocked ? -500_000 : -100_000)
                    let notBefore: SQL = isBlocked ? "\(later)" : "NULL"
                    try tx.execute(
                        """
                        INSERT INTO tasks (workspace_id, lane_id, title, not_before, created_at)
                        \(sqlite: """
                            WITH RECURSIVE n (i) AS (
                                SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(each / 2))
                            SELECT \(lane.workspaceID), \(lane.id), 'waits', \(notBefore),
                                \(start) + i * 1000 FROM n
                            """,
                        postgres: """
                            SELECT \(lane.workspaceID), \(lane.id), 'waits', \(notBefore),
                                \(start) + i * interval '1 millisecond'
                            FROM generate_series(1, \(each / 2)) i
                            """)
                        """)
                }
            }
            try tx.script("ANALYZE tasks")
        }
    }

    /// What one claim costs: its statements but the inserts, which do not depend on what waits.
    ///
    /// The least of five: now and then an update finds its page full, and pays for a new one.
    private func costOfClaim(_ bed: TestBed, as key: Credential) async throws -> ClaimCost {
        var costs: [ClaimCost] = []
        for _ in 0..<5 { costs.append(try await costOfOneClaim(bed, as: key)) }
        return costs.min { $0.total.units < $1.total.units } ?? ClaimCost()
    }

    private func costOfOneClaim(_ bed: TestBed, as key: Credential) async throws -> ClaimCost {
        var cost = ClaimCost()
        let ran = try await bed.database.statements.recorded { _ = try await bed.claim(as: key) }
        for statement in ran where !statement.text.hasPrefix("INSERT") {
            let one = try await bed.database.cost(of: statement)
            cost.total.units += one.units
            cost.total.removed += one.removed
            cost.parts.append("\(one.units) \(statement.text.prefix(40))")
        }
        return cost
    }

    /// A claim's cost, and each statement's part of it for who reads a failure.
    private struct ClaimCost {
        var total = StatementCost()
        var parts: [String] = []
    }

    @Test(arguments: Door.direct)
    func `with a thousand, a hundred thousand and a million pending tasks`(
        through door: Door
    ) async throws {
        try await withWorkspaces(through: door) { bed, key in
            var costs: [ClaimCost] = []
            for count in [1_000, 100_000, 1_000_000] {
                try await fill(bed, to: count)
                costs.append(try await costOfClaim(bed, as: key))
            }
            let units = costs.map(\.total.units)
            let most = door == .engineOnSQLite ? 5_000 : 300
            #expect(units.allSatisfy { 1...most ~= $0 }, "\(costs.map(\.parts))")
            #expect(costs.allSatisfy { $0.total.removed <= 100 }, "\(costs)")
            let (least, greatest) = (units.min() ?? 0, units.max() ?? 0)
            #expect(Double(greatest) <= Double(least) * 1.3, "\(costs.map(\.parts))")
        }
    }

    /// A backup's snapshot keeps PostgreSQL from forgetting what was claimed since it began.
    @Test func `and is not dearer for 9,000 claims under an old snapshot`() async throws {
        try await withWorkspaces(through: .engineOnPostgres) { bed, key in
            try await fill(bed, to: 40_000)
            let before = try await costOfClaim(bed, as: key)
            let (taken, take) = AsyncStream<Void>.makeStream()
            let end = DispatchSemaphore(value: 0)
            async let reading: Void = bed.database.read { snapshot in
                _ = try snapshot.rows("SELECT count(*) FROM lanes", as: Int.self)
                take.finish()
                end.wait()
            }
            for await _ in taken {}
            defer { end.signal() }
            for _ in 0..<141 { _ = try await bed.claim(as: key) { $0.maxTasks = 64 } }
            let after = try await costOfClaim(bed, as: key)
            end.signal()
            try await reading
            #expect(after.total.units <= 300, "\(after.parts)")
            #expect(
                Double(after.total.units) <= Double(before.total.units) * 1.3,
                "\(before.parts) \(after.parts)")
        }
    }
}
