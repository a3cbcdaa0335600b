import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("What a worker says of itself")
struct ReportTests {
    /// A bed with one task claimed by an account of its own.
    private func withWorker(
        through door: Door, _ change: @Sendable (inout NewTask) -> Void = { _ in },
        _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace, change)
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxCostPerDay: "10"), in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            try await body(bed, worker, key)
        }
    }

    @Test(arguments: Door.all)
    func `running starts the task, once, and the lease goes on`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            bed.clock.advance(seconds: 60)
            let start = bed.clock.now
            let first = try await bed.service.report(
                worker.id, Report(status: .running, progress: 10, currentAction: "reading"),
                as: key)
            #expect(first.worker.startedAt == start && first.worker.progress == 10)
            #expect(first.leaseExpiresAt == start.addingTimeInterval(900))
            bed.clock.advance(seconds: 60)
            let second = try await bed.service.report(
                worker.id, Report(status: .running, progress: 20), as: key)
            #expect(second.worker.startedAt == start)
            #expect(second.worker.currentAction == "reading")
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .inProgress)
        }
    }

    @Test(arguments: Door.all)
    func `milestones are appended, and the last 50 stay`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            _ = try await bed.service.report(
                worker.id, Report(status: .running, milestones: ["born"]), as: key)
            let many = (0..<60).map { "step \($0)" }
            _ = try await bed.service.report(
                worker.id, Report(milestones: Array(many[..<20])), as: key)
            let answer = try await bed.service.report(
                worker.id, Report(milestones: Array(many[20...])), as: key)
            let titles = answer.worker.milestones.elements.map(\.title)
            #expect(titles == Array(many.suffix(50)))
            #expect(answer.worker.milestoneCount == 61, "so that it is seen that some are left out")
        }
    }

    @Test(arguments: Door.all)
    func `costs are cumulative, exact, and a lower one is ignored`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for cost in ["0.1", "0.3", "0.2", "0.300000001"] as [USD] {
                _ = try await bed.service.report(
                    worker.id, Report(costUSD: cost, inputTokens: 5), as: key)
            }
            let now = try await bed.service.worker(worker.id, as: key)
            #expect(now.costUSD == "0.300000001" && now.inputTokens == 5)
            let account = try await bed.service.account(nil, as: key)
            #expect(account.totalCost == "0.300000001")
            let ledger = try await bed.database.read {
                try $0.rows(
                    "SELECT count(*), sum(amount) FROM cost_entries", as: Int.self, USD.self)
            }
            #expect(ledger.first?.0 == 3 && ledger.first?.1 == "0.300000001")
        }
    }

    @Test(arguments: Door.all)
    func `a report that comes again changes nothing`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let report = Report(status: .running, milestones: ["once"], sequence: 4)
            _ = try await bed.service.report(worker.id, report, as: key)
            let again = try await bed.service.report(worker.id, report, as: key)
            #expect(again.worker.milestones.elements.map(\.title) == ["once"])
        }
    }

    @Test(arguments: Door.all)
    func `completion keeps the result and gives the slot back`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            let answer = try await bed.service.report(
                worker.id,
                Report(
                    status: .completed, result: ["ok": true],
                    pullRequestURL: "https://example.org/1", commits: 2, linesAdded: 10), as: key)
            #expect(answer.worker.status == .completed && answer.leaseExpiresAt == nil)
            #expect(answer.worker.commits == 2 && answer.worker.completedAt == bed.clock.now)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .completed && task.result == ["ok": true])
            #expect(task.claimedBy == nil && task.expiresAt == nil)
            let account = try await bed.service.account(nil, as: key)
            #expect(account.activeWorkers == 0 && account.totalTasks == 1)
        }
    }

    @Test(arguments: Door.all)
    func `a result that needs review waits for a person`(through door: Door) async throws {
        try await withWorker(through: door, { $0.needsReview = true }) { bed, worker, key in
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .review)
            #expect(try await bed.service.approveTask(task.id, as: key).status == .completed)
        }
    }

    @Test(arguments: Door.all)
    func `an error burns an attempt and backs off, and the last one fails the task`(
        through door: Door
    ) async throws {
        try await withWorker(through: door, { $0.maxAttempts = 2 }) { bed, worker, key in
            _ = try await bed.service.report(
                worker.id, Report(status: .error, error: "boom"), as: key)
            let once = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(once.status == .pending && once.attempts == 1)
            #expect(once.notBefore == bed.clock.now.addingTimeInterval(15))
            bed.clock.advance(seconds: 15)
            try await bed.reaper.tick()
            let second = try #require(try await bed.claim(as: key).first)
            #expect(second.branch.hasSuffix("-2"), "an attempt never gets the branch of another")
            _ = try await bed.service.report(second.id, Report(status: .error), as: key)
            let twice = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(twice.status == .failed && twice.attempts == 2)
            let retried = try await bed.service.retryTask(twice.id, as: key)
            #expect(retried.status == .pending && retried.attempts == 0)
        }
    }

    @Test(arguments: Door.all)
    func `in every state a worker can report what the table says and nothing else`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let reported = WorkerStatus.allCases.filter { !$0.isEnded }
            for from in reported {
                for to in reported {
                    _ = try await bed.database.write { tx in
                        try tx.execute(
                            "UPDATE workers SET status = \(from) WHERE id = \(worker.id)")
                    }
                    let code = try await bed.code {
                        let answer = try await bed.service.report(
                            worker.id, Report(status: to, waitingFor: WaitingFor(prompt: "?")),
                            as: key)
                        #expect(answer.worker.status == to)
                    }
                    let isLegal = from == to || to.event.flatMap { from.after($0) } == to
                    #expect(code == (isLegal ? nil : .illegalTransition), "\(from) → \(to)")
                }
            }
        }
    }

    @Test(arguments: Door.all)
    func `only its account, its own token and admins write to a worker`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let workspace = worker.workspace
            let (_, other) = try await bed.account(NewAccount(name: "other"), in: workspace)
            let report = Report(progress: 1)
            let refused = try await bed.code {
                _ = try await bed.service.report(worker.id, report, as: other)
            }
            #expect(refused == .forbidden)
            let token = Credential(worker.token)
            _ = try await bed.service.report(worker.id, report, as: token)
            _ = try await bed.service.heartbeat(worker.id, as: bed.admin)
            let codes = [
                try await bed.code { _ = try await bed.claim(as: token) },
                try await bed.code {
                    _ = try await bed.service.createTask(
                        NewTask(workspaceID: workspace.id, title: "x"), as: token)
                },
                try await bed.code {
                    _ = try await bed.service.cancelTask(worker.taskID, as: token)
                },
            ]
            #expect(codes == [.forbidden, .forbidden, .forbidden])
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: token)
            let dead = try await bed.code {
                _ = try await bed.service.report(worker.id, report, as: token)
            }
            #expect(dead == .leaseLost)
            let reading = try await bed.code {
                _ = try await bed.service.worker(worker.id, as: token)
            }
            #expect(reading == .keyUnknown, "a token ends with its worker")
        }
    }

    @Test(arguments: Door.all)
    func `a token sees where its worker works and nothing else, also an admin's`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let (here, elsewhere) = (try await bed.workspace(), try await bed.workspace("other"))
            try await bed.task(in: here)
            let worker = try #require(try await bed.claim(as: bed.admin).first)
            let token = Credential(worker.token)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: token)
            let seen = try await bed.service.workspaces(named: nil, .first, as: token)
            #expect(seen.items.map(\.id) == [here.id])
            let hidden = try await bed.code {
                _ = try await bed.service.workspace(elsewhere.id, as: token)
            }
            #expect(hidden == .notFound)
        }
    }

    @Test(arguments: Door.all)
    func `artifacts stay with the task`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let made = try await bed.service.addArtifact(
                NewArtifact(
                    type: .diff, title: "The change", content: "+1\n-1",
                    metadata: ["files": 1]), of: worker.id, as: key)
            #expect(made.taskID == worker.taskID && made.size == 5)
            let whole = try await bed.service.artifact(made.id, as: key)
            #expect(whole == ArtifactWithContent(artifact: made, content: "+1\n-1"))
            let view = try await bed.service.task(worker.taskID, with: [.artifacts], as: key)
            #expect(view.artifacts == [made] && view.artifactCount == 1)
        }
    }
}

@Suite("A lease: renewed by word, ended by silence")
struct LeaseTests {
    private func withWorker(
        through door: Door, _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace)
            let (_, key) = try await bed.account(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            try await body(bed, worker, key)
        }
    }

    @Test(arguments: Door.all)
    func `a heartbeat carries it on`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for _ in 0..<5 {
                #expect(try await bed.pass(seconds: 800) == 0)
                let answer = try await bed.service.heartbeat(worker.id, as: key)
                #expect(answer.leaseExpiresAt == bed.clock.now.addingTimeInterval(900))
            }
        }
    }

    @Test(arguments: Door.all)
    func `a dead worker's task goes to another, and its late word is refused`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, dead, key in
            _ = try await bed.service.report(dead.id, Report(status: .running), as: key)
            #expect(try await bed.pass(seconds: 899) == 0)
            #expect(try await bed.pass(seconds: 1) == 1)
            let ended = try await bed.service.worker(dead.id, as: key)
            #expect(ended.status == .error && ended.failureClass == .leaseExpired)
            let (_, other) = try await bed.account(NewAccount(name: "other"), in: dead.workspace)
            let next = try #require(try await bed.claim(as: other).first)
            #expect(next.taskID == dead.taskID && next.branch != dead.branch)
            let late = try await failure(as: DibsError.self) {
                try await bed.service.report(dead.id, Report(status: .completed), as: key)
            }
            #expect(late?.code == .leaseLost && late?.details["holder"] == "\(next.id)")
            let task = try await bed.service.task(next.taskID, with: [], as: other).task
            #expect(task.status == .assigned && task.attempts == 1)
        }
    }

    @Test(arguments: Door.all)
    func `nobody dies of the server's own absence`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            try await bed.pass(seconds: 600)
            bed.clock.advance(seconds: 5000)
            #expect(try await bed.reaper.tick() == 0, "300 seconds are left, as before")
            #expect(try await bed.pass(seconds: 299) == 0)
            #expect(try await bed.pass(seconds: 1) == 1)
        }
    }

    @Test(arguments: Door.all)
    func `a release gives the task back at once and burns nothing`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let task = try await bed.service.releaseTask(worker.taskID, as: key)
            #expect(task.status == .pending && task.attempts == 0 && task.notBefore == nil)
            let again = try await bed.code {
                _ = try await bed.service.releaseTask(worker.taskID, as: key)
            }
            #expect(again == .illegalTransition)
            let (_, other) = try await bed.account(NewAccount(name: "other"), in: worker.workspace)
            #expect(try await bed.claim(as: other).map(\.taskID) == [task.id])
        }
    }

    @Test(arguments: Door.all)
    func `an account does not get what it released for a minute, by whatever runner or name`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let task = try await bed.service.releaseTask(worker.taskID, as: key)
            #expect(try await bed.claim(as: key).isEmpty)
            #expect(try await bed.claim(as: key) { $0.runner = "another" }.isEmpty)
            #expect(try await bed.claim(as: key) { $0.taskID = task.id }.isEmpty)
            let why = try await bed.service.why(task.id, Claimer(runner: "runner"), as: key)
            #expect(why.gates.filter { !$0.isOpen }.map(\.name) == [.released])
            bed.clock.advance(seconds: 60)
            #expect(try await bed.claim(as: key).map(\.taskID) == [task.id])
        }
    }

    @Test(arguments: Door.all)
    func `a cancelled task's worker keeps its slot until it ends`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            _ = try await bed.service.cancelTask(worker.taskID, as: key)
            let told = try await bed.service.heartbeat(worker.id, as: key)
            #expect(told.stop == .cancelled)
            let busy = try await bed.service.account(nil, as: key)
            #expect(busy.activeWorkers == 1)
            let early = try await bed.code {
                _ = try await bed.service.retryTask(worker.taskID, as: key)
            }
            #expect(early == .illegalTransition)
            _ = try await bed.service.report(worker.id, Report(status: .error), as: key)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .cancelled)
            let free = try await bed.service.account(nil, as: key)
            #expect(free.activeWorkers == 0)
        }
    }
}
