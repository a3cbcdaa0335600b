import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("A task that reaches a limit of its own asks a person")
struct TaskLimitTests {
    /// A task that may cost a dollar, and a worker that has spent its reserve.
    private func withAsked(
        through door: Door, task change: (inout NewTask) -> Void = { $0.maxCost = "1" },
        report: Report = Report(costUSD: "0.95"),
        _ body: (TestBed, ClaimedWorker, Credential, Question) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let task = try await bed.task(in: workspace, change)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            let told = try await bed.service.report(worker.id, report, as: key)
            #expect(told.stop == .taskLimit)
            let open = QuestionFilter(taskID: task.id, open: true)
            let asked = try await bed.service.questions(open, .first, as: key).items
            #expect(asked.map(\.kind) == [.limit])
            try await body(bed, worker, key, try #require(asked.first))
        }
    }

    private func answer(
        _ bed: TestBed, _ worker: ClaimedWorker, _ text: String
    ) async throws -> AgentTask {
        _ = try await bed.service.answer(worker.id, NewAnswer(answer: text), as: bed.admin)
        return try await bed.service.task(worker.taskID, with: [], as: bed.admin).task
    }

    private func end(
        _ bed: TestBed, _ worker: ClaimedWorker, _ key: Credential
    ) async throws -> AgentTask {
        let report = Report(status: .error, failureClass: .budget)
        _ = try await bed.service.report(worker.id, report, as: key)
        return try await bed.service.task(worker.taskID, with: [], as: key).task
    }

    @Test(arguments: Door.all)
    func `the open question keeps it from being claimed until it is answered`(
        through door: Door
    ) async throws {
        try await withAsked(through: door) { bed, worker, key, question in
            #expect(question.prompt.contains("spent $0.95 of its $1"))
            #expect(question.options.elements == ["raise", "finish", "stop"])
            let ended = try await end(bed, worker, key)
            #expect(ended.status == .pending && ended.attempts == 0 && ended.openQuestions == 1)
            #expect(try await bed.claim(as: key).isEmpty)
            let raised = try await answer(bed, worker, "raise")
            #expect(raised.maxCost == "2" && raised.openQuestions == 0)
            let next = try #require(try await bed.claim(as: key).first)
            #expect(next.stopAt == "0.95")  // of the $2 are $0.95 spent and $0.1 kept
            #expect(next.salvage?.workerID == worker.id && next.salvage?.costUSD == "0.95")
            #expect(next.answers.map(\.answer) == ["raise"])
        }
    }

    @Test(arguments: Door.all, [true, false])
    func `finish takes what is there, from a worker that lives or has ended`(
        through door: Door, whileItLives: Bool
    ) async throws {
        try await withAsked(through: door) { bed, worker, key, _ in
            if whileItLives {
                let answered = try await answer(bed, worker, "finish")
                let ended = try await end(bed, worker, key)
                #expect(answered.status == .inProgress && ended.status == .completed)
            } else {
                let ended = try await end(bed, worker, key)
                let answered = try await answer(bed, worker, "finish")
                #expect(ended.status == .pending && answered.status == .completed)
            }
        }
    }

    @Test(arguments: Door.all)
    func `stop cancels it`(through door: Door) async throws {
        try await withAsked(through: door) { bed, worker, key, _ in
            let task = try await answer(bed, worker, "stop")
            #expect(task.status == .cancelled && task.openQuestions == 0)
            #expect(try await bed.service.heartbeat(worker.id, as: key).stop == .cancelled)
        }
    }

    @Test(arguments: Door.all)
    func `only an option answers it, only once, and never the worker itself`(
        through door: Door
    ) async throws {
        try await withAsked(through: door) { bed, worker, _, question in
            let other = try await bed.code { _ = try await answer(bed, worker, "maybe") }
            #expect(other == .invalidField)
            let itself = try await bed.code {
                _ = try await bed.service.answer(
                    worker.id, NewAnswer(answer: "raise"), as: Credential(worker.token))
            }
            #expect(itself == .forbidden)
            _ = try await answer(bed, worker, "raise")
            let again = try await bed.code {
                _ = try await bed.service.answer(
                    worker.id, NewAnswer(answer: "stop", questionID: question.id), as: bed.admin)
            }
            #expect(again == .illegalTransition)
        }
    }

    @Test(arguments: Door.direct)
    func `tokens and time have limits too, over all attempts`(through door: Door) async throws {
        try await withAsked(
            through: door, task: { $0.maxTokens = 1000 },
            report: Report(inputTokens: 900, outputTokens: 100)
        ) { bed, worker, _, question in
            #expect(question.prompt.contains("used 1000 of its 1000 tokens"))
            let raised = try await answer(bed, worker, "raise")
            #expect(raised.maxTokens == 2000)
        }
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let task = try await bed.task(in: workspace) { $0.maxDurationSeconds = 600 }
            let worker = try #require(try await bed.claim(as: key).first)
            bed.clock.advance(seconds: 599)
            #expect(try await bed.service.heartbeat(worker.id, as: key).stop == nil)
            bed.clock.advance(seconds: 1)
            let told = try await bed.service.heartbeat(worker.id, as: key)
            #expect(told.stop == .maxDuration)
            // Whatever it says, its lease ends a minute later.
            #expect(told.leaseExpiresAt == bed.clock.now.addingTimeInterval(60))
            bed.clock.advance(seconds: 20)
            _ = try await bed.service.heartbeat(worker.id, as: key)
            try await bed.pass(seconds: 41)
            let after = try await bed.service.task(task.id, with: [.workers], as: key)
            #expect(after.workers?.first?.failureClass == .leaseExpired)
            #expect(after.task.openQuestions == 1)
        }
    }

    @Test(arguments: Door.direct)
    func `what an attempt before has used counts`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let task = try await bed.task(in: workspace) {
                $0.maxTokens = 1000
                $0.maxDurationSeconds = 600
            }
            func attempt(tokens: Int, seconds: Double) async throws -> StopReason? {
                let worker = try #require(try await bed.claim(as: key).first)
                bed.clock.advance(seconds: seconds)
                let used = Report(inputTokens: tokens)
                let told = try await bed.service.report(worker.id, used, as: key)
                _ = try await bed.service.report(
                    worker.id, Report(status: .error, failureClass: .infrastructure), as: key)
                try await bed.pass(seconds: 60)
                return told.stop
            }
            let first = try await attempt(tokens: 600, seconds: 100)
            #expect(first == nil)
            let second = try await attempt(tokens: 400, seconds: 100)
            #expect(second == .taskLimit)
            _ = try await bed.service.updateTask(
                task.id, TaskUpdate(maxTokens: .unlimited), as: bed.admin)
            let third = try await attempt(tokens: 0, seconds: 399)
            #expect(third == nil)
            let last = try await attempt(tokens: 0, seconds: 1)
            #expect(last == .maxDuration)
        }
    }

    @Test(arguments: Door.direct)
    func `raising takes no longer for a large amount, and never leaves the range`(
        through door: Door
    ) async throws {
        try await withAsked(
            through: door, task: { $0.maxCost = "0.01" }, report: Report(costUSD: "90")
        ) { bed, worker, key, _ in
            let raised = try await answer(bed, worker, "raise")
            #expect(raised.maxCost == "94.74", "the least number of cents that leaves its reserve")
            let told = try await bed.service.heartbeat(worker.id, as: key)
            #expect(told.instructions.first?.contains("maxCost is $94.74 now") == true)
        }
        try await withAsked(
            through: door, task: { $0.maxTokens = 1_000_000_000_000 },
            report: Report(inputTokens: 1_000_000_000_000)
        ) { bed, worker, _, _ in
            let refused = try await bed.code { _ = try await answer(bed, worker, "raise") }
            #expect(refused == .invalidField)
            let finished = try await answer(bed, worker, "finish")
            #expect(finished.openQuestions == 0)
        }
    }

    @Test(arguments: Door.direct)
    func `what is corrected below a limit asks no more`(through door: Door) async throws {
        try await withAsked(through: door) { bed, worker, key, _ in
            let ended = try await end(bed, worker, key)
            let ledger = try await bed.service.costs(of: worker.id, .first, as: key).items
            let back = NewCost(amount: "-0.9", corrects: try #require(ledger.first).id)
            _ = try await bed.service.addCost(back, of: worker.id, as: bed.admin)
            #expect(try await bed.claim(as: key).map(\.taskID) == [ended.id])
        }
    }

    @Test(arguments: Door.all)
    func `a limit that is raised by hand asks no more`(through door: Door) async throws {
        try await withAsked(through: door) { bed, worker, key, _ in
            let ended = try await end(bed, worker, key)
            let low = TaskUpdate(maxCost: .at("0.99"))
            let still = try await bed.service.updateTask(ended.id, low, as: bed.admin)
            #expect(still.openQuestions == 1)
            let high = TaskUpdate(maxCost: .at("5"))
            let free = try await bed.service.updateTask(ended.id, high, as: bed.admin)
            #expect(free.openQuestions == 0 && free.maxCost == "5")
            #expect(try await bed.claim(as: key).map(\.taskID) == [ended.id])
        }
    }

    @Test(arguments: Door.all)
    func `a limit that is taken away asks no more`(through door: Door) async throws {
        try await withAsked(through: door) { bed, worker, key, _ in
            let ended = try await end(bed, worker, key)
            let none = TaskUpdate(maxCost: .unlimited)
            let free = try await bed.service.updateTask(ended.id, none, as: bed.admin)
            #expect(free.openQuestions == 0 && free.maxCost == nil)
            #expect(try await bed.claim(as: key).map(\.taskID) == [ended.id])
        }
    }

    @Test(arguments: Door.direct)
    func `a task that is tried again at its limit asks again`(through door: Door) async throws {
        try await withAsked(through: door) { bed, worker, key, _ in
            _ = try await answer(bed, worker, "stop")
            _ = try await end(bed, worker, key)
            let task = try await bed.service.retryTask(worker.taskID, as: bed.admin)
            #expect(task.status == .pending && task.openQuestions == 1)
        }
    }
}
