import DibsCore
import DibsTesting
import Testing

@Suite("An agent that ends while it waits leaves its question open")
struct EndInWaitingTests {
    /// A worker that has asked, and lent the one slot of its account to another.
    private func withAsking(
        through door: Door,
        _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxCostPerDay: "9", maxConcurrentWorkers: 1), in: workspace)
            try await bed.task("first", in: workspace) { $0.maxAttempts = 1 }
            try await bed.task("second", in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            let asked = WaitingFor(prompt: "Which one?", options: ["left", "right"])
            _ = try await bed.service.report(
                worker.id, Report(status: .waitingInput, waitingFor: asked), as: key)
            try await body(bed, worker, key)
        }
    }

    private func open(_ bed: TestBed) async throws -> [Question] {
        let filter = QuestionFilter(open: true)
        return try await bed.service.questions(filter, .first, as: bed.admin).items
    }

    @Test(arguments: Door.all)
    func `its end needs no slot and burns nothing, and the next attempt gets the answer`(
        through door: Door
    ) async throws {
        try await withAsking(through: door) { bed, worker, key in
            let other = try #require(try await bed.claim(as: key).first)
            let end = Report(
                status: .error, costUSD: "0.5", error: "It ended with status 0.",
                failureClass: .waiting, commits: 1)
            let answer = try await bed.service.report(worker.id, end, as: key)
            #expect(answer.worker.failureClass == .waiting && answer.worker.costUSD == "0.5")
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .pending && task.attempts == 0)
            #expect(try await open(bed).map(\.workerID) == [worker.id])
            _ = try await bed.service.report(other.id, Report(status: .completed), as: key)
            #expect(try await bed.claim(as: key).isEmpty, "it waits for the answer")
            _ = try await bed.service.answer(worker.id, NewAnswer(answer: "left"), as: bed.admin)
            let next = try #require(try await bed.claim(as: key).first)
            #expect(next.taskID == worker.taskID && next.answers.map(\.answer) == ["left"])
        }
    }

    @Test(arguments: Door.all)
    func `an end in waiting is refused of a worker that does not wait`(
        through door: Door
    ) async throws {
        try await withAsking(through: door) { bed, worker, key in
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            let code = try await bed.code {
                let end = Report(status: .error, failureClass: .waiting)
                _ = try await bed.service.report(worker.id, end, as: key)
            }
            #expect(code == .illegalTransition)
            #expect(try await bed.service.worker(worker.id, as: key).status == .running)
        }
    }

    @Test(arguments: Door.all)
    func `a completion does not withdraw a question, whether it waits or is paused`(
        through door: Door
    ) async throws {
        try await withAsking(through: door) { bed, worker, key in
            for status in [WorkerStatus.waitingInput, .paused] {
                _ = try await bed.service.report(worker.id, Report(status: status), as: key)
                let refusal = try await failure(as: DibsError.self) {
                    _ = try await bed.service.report(
                        worker.id, Report(status: .completed), as: key)
                }
                #expect(refusal?.code == .illegalTransition)
                #expect(refusal?.hint?.contains("failureClass waiting") == true)
                #expect(try await open(bed).count == 1)
            }
            // Who went on without an answer says so first.
            for status in [WorkerStatus.running, .completed] {
                _ = try await bed.service.report(worker.id, Report(status: status), as: key)
            }
            #expect(try await open(bed).isEmpty)
        }
    }

    @Test(arguments: Door.all)
    func `a late completion does not withdraw it either, and is adopted once it is answered`(
        through door: Door
    ) async throws {
        try await withAsking(through: door) { bed, worker, key in
            try await bed.pass(seconds: 901)
            let late = Report(status: .completed)
            let code = try await bed.code {
                _ = try await bed.service.report(worker.id, late, as: key)
            }
            #expect(code == .leaseLost)
            #expect(try await open(bed).count == 1)
            _ = try await bed.service.answer(worker.id, NewAnswer(answer: "left"), as: bed.admin)
            _ = try await bed.service.report(worker.id, late, as: key)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .completed)
        }
    }

    @Test(arguments: Door.all)
    func `people still withdraw it`(through door: Door) async throws {
        try await withAsking(through: door) { bed, worker, _ in
            _ = try await bed.service.cancelTask(worker.taskID, as: bed.admin)
            #expect(try await open(bed).isEmpty)
        }
    }

    @Test(arguments: Door.all)
    func `a completion after that ends the worker as cancelled, though its slot is lent`(
        through door: Door
    ) async throws {
        try await withAsking(through: door) { bed, worker, key in
            _ = try await bed.service.cancelTask(worker.taskID, as: bed.admin)
            let answer = try await bed.service.report(
                worker.id, Report(status: .completed), as: key)
            #expect(answer.stop == .cancelled && answer.worker.failureClass == .cancelled)
        }
    }

    @Test(arguments: Door.all)
    func `one that is paused over its question may end so, too`(through door: Door) async throws {
        try await withAsking(through: door) { bed, worker, key in
            // The other one gives the slot back, which the pause takes.
            let live = try await bed.service.workers(
                WorkerFilter(live: true), PageRequest(limit: 10), as: bed.admin)
            for other in live.items where other.id != worker.id {
                _ = try await bed.service.releaseTask(other.taskID, as: bed.admin)
            }
            let end = Report(status: .error, failureClass: .waiting)
            for report in [Report(status: .paused), end] {
                _ = try await bed.service.report(worker.id, report, as: key)
            }
            #expect(try await open(bed).count == 1)
        }
    }
}
