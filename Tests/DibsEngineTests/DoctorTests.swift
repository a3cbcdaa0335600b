import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Testing

@Suite("The doctor finds each thing that it looks for, and only that")
struct DoctorTests {
    /// An installation with a bit of everything, in which all is well.
    struct Scene: Sendable {
        let account: Account.ID
        let seat: Seat.ID
        let workspace: Workspace.ID
        let live: ClaimedWorker
        let ended: ClaimedWorker
        let pending: AgentTask.ID
        let accepted: ParkedCost.ID
        let dropped: ParkedCost.ID
        let waiting: ParkedCost.ID
    }

    /// One row that is broken by hand, and the row that the finding must name.
    struct Break: Sendable, CustomTestStringConvertible {
        let what: String
        let sql: @Sendable (Scene) -> SQL
        let id: @Sendable (Scene) -> String
        var testDescription: String { what }

        init(
            _ what: String, _ id: @escaping @Sendable (Scene) -> String,
            _ sql: @escaping @Sendable (Scene) -> SQL
        ) { (self.what, self.id, self.sql) = (what, id, sql) }
    }

    private static let dollar: USD = "1"

    private static func parkedCost(
        _ id: @escaping @Sendable (Scene) -> ParkedCost.ID,
        _ sql: @escaping @Sendable (Scene) -> SQL
    ) -> Break {
        Break(
            "A cost that was put aside is not in the ledger as it was decided on.",
            { "\(id($0))" }, sql)
    }

    static let breaks = [
        Break("An account's workers are not its counted leases.", { "\($0.account)" }) {
            "UPDATE accounts SET active_workers = active_workers + 1 WHERE id = \($0.account)"
        },
        Break("An account's sessions are not its counted leases.", { "\($0.account)" }) {
            "UPDATE accounts SET active_sessions = active_sessions - 1 WHERE id = \($0.account)"
        },
        Break(
            "A seat's sessions are not the counted leases of its accounts.", { "\($0.seat)" }
        ) { "UPDATE seats SET active = active + 1 WHERE id = \($0.seat)" },
        Break("A workspace's workers are not its counted leases.", { "\($0.workspace)" }) {
            "UPDATE workspaces SET active_workers = 0 WHERE id = \($0.workspace)"
        },
        Break("A worker's life and its lease do not agree.", { "\($0.live.id)" }) {
            """
            UPDATE workers SET status = 'error', completed_at = created_at WHERE id = \($0.live.id)
            """
        },
        Break("A worker's life and its lease do not agree.", { "\($0.ended.id)" }) {
            """
            UPDATE workers SET status = 'running', completed_at = NULL WHERE id = \($0.ended.id)
            """
        },
        Break(
            "A task that is at work has no lease, or one that is not has one.", { "\($0.pending)" }
        ) { "UPDATE tasks SET status = 'assigned' WHERE id = \($0.pending)" },
        Break(
            "A task that is at work has no lease, or one that is not has one.",
            { "\($0.live.taskID)" }
        ) { "UPDATE tasks SET status = 'pending' WHERE id = \($0.live.taskID)" },
        Break(
            "A task waits for another number of tasks than it has open edges.", { "\($0.pending)" }
        ) { "UPDATE tasks SET open_dependencies = 0 WHERE id = \($0.pending)" },
        Break(
            "An edge is open to a task that is completed, or closed to one that is not.",
            { "\($0.pending)" }
        ) {
            """
            UPDATE task_dependencies SET depends_on_id = \($0.ended.taskID)
            WHERE task_id = \($0.pending)
            """
        },
        Break("A task has another number of open questions than it says.", { "\($0.pending)" }) {
            "UPDATE tasks SET open_questions = 1 WHERE id = \($0.pending)"
        },
        Break("A day of the ledger has no sum.", { "\($0.account)" }) {
            "DELETE FROM account_days WHERE account_id = \($0.account)"
        },
        Break(
            "An account's tasks are not those that ended with its workers' results.",
            { "\($0.account)" }
        ) { "UPDATE accounts SET total_tasks = 0 WHERE id = \($0.account)" },
        parkedCost({ $0.accepted }) {
            "UPDATE parked_costs SET entry_id = NULL WHERE id = \($0.accepted)"
        },
        parkedCost({ $0.accepted }) {
            "UPDATE parked_costs SET amount = amount + \(dollar) WHERE id = \($0.accepted)"
        },
        parkedCost({ $0.accepted }) {
            "UPDATE parked_costs SET sequence = sequence + 90 WHERE id = \($0.accepted)"
        },
        parkedCost({ $0.dropped }) { scene in
            """
            UPDATE parked_costs SET entry_id = (SELECT entry_id FROM parked_costs
                WHERE id = \(scene.accepted)) WHERE id = \(scene.dropped)
            """
        },
        parkedCost({ $0.waiting }) { scene in
            """
            UPDATE parked_costs SET sequence = 1, worker_id = \(scene.live.id)
            WHERE id = \(scene.waiting)
            """
        },
        Break("An account's total is not the sum of its ledger.", { "\($0.account)" }) {
            "UPDATE accounts SET total_cost = total_cost + \(dollar) WHERE id = \($0.account)"
        },
        Break("An account's day is not the sum of its ledger.", { "\($0.account)" }) {
            "UPDATE account_days SET spent = spent + \(dollar) WHERE account_id = \($0.account)"
        },
        Break("A worker's cost is not the sum of its ledger.", { "\($0.ended.id)" }) {
            "UPDATE workers SET cost_usd = cost_usd - \(dollar) WHERE id = \($0.ended.id)"
        },
    ]

    private func scene(_ bed: TestBed) async throws -> Scene {
        let workspace = try await bed.workspace { $0.maxWorkers = 5 }
        let new = NewAccount(
            name: "payer", maxCostPerDay: "10", maxConcurrentSessions: 3, seat: "team")
        let (account, key) = try await bed.account(new, in: workspace)
        var claimed: [ClaimedWorker] = []
        for title in ["ended", "live"] {
            try await bed.task(title, in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.addCost(NewCost(amount: "0.5"), of: worker.id, as: key)
            claimed.append(worker)
            if title == "ended" {
                _ = try await bed.service.report(
                    worker.id, Report(status: .completed), as: key)
            }
        }
        let (ended, live) = (claimed[0], claimed[1])
        let pending = try await bed.task("waits", in: workspace) { $0.dependsOn = [live.taskID] }
        var parked: [ParkedCost.ID] = []
        for decision in [CostDecision.accept, .drop, nil] {
            let cost = try await bed.service.addCost(
                NewCost(amount: "1000"), of: ended.id, as: key)
            let id = Identifier<ParkedCost>(cost.id.uuid)
            if let decision { _ = try await bed.service.decideCost(id, decision, as: bed.admin) }
            parked.append(id)
        }
        return Scene(
            account: account.id, seat: try #require(account.seatID), workspace: workspace.id,
            live: live, ended: ended, pending: pending.id, accepted: parked[0],
            dropped: parked[1], waiting: parked[2])
    }

    @Test(arguments: Door.direct, breaks)
    func `what is broken by hand is found`(on door: Door, _ broken: Break) async throws {
        try await door.open(meddling: true) { bed in
            let scene = try await scene(bed)
            #expect(try await bed.engine.findings() == [])
            let changed = try await bed.database.write { try $0.execute(broken.sql(scene)) }
            #expect(changed == 1)
            let findings = try await bed.engine.findings()
            #expect(findings.map(\.what) == [broken.what])
            #expect(findings.map(\.id) == [broken.id(scene)])
            #expect(findings.allSatisfy { $0.kept != $0.counted })
        }
    }

    @Test func `every check of the doctor is tried`() {
        #expect(Set(Self.breaks.map(\.what)) == Set(Doctor.kinds))
    }
}
