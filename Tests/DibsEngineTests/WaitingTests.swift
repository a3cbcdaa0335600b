import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("A worker that waits for an answer lends its slot, and its question outlives it")
struct WaitingTests {
    /// An account with one slot, two tasks, and a worker that has asked about the first.
    private func withAsking(
        through door: Door,
        _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.maxWorkers = 1 }
            let (_, key) = try await bed.account(
                NewAccount(
                    name: "w", maxCostPerDay: "2", maxConcurrentSessions: 1,
                    maxConcurrentWorkers: 1, seat: "seat"), in: workspace)
            try await bed.task("first", in: workspace)
            try await bed.task("second", in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            let asked = WaitingFor(prompt: "Which one?", options: ["left", "right"])
            _ = try await bed.service.report(
                worker.id, Report(status: .waitingInput, waitingFor: asked), as: key)
            try await body(bed, worker, key)
        }
    }

    private func resume(
        _ bed: TestBed, _ worker: ClaimedWorker, _ key: Credential
    ) async throws -> ErrorCode? {
        try await bed.code {
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
        }
    }

    @Test(arguments: Door.all)
    func `slot, seat, place and money go to another while it waits`(
        through door: Door
    ) async throws {
        try await withAsking(through: door) { bed, worker, key in
            let idle = try await bed.service.account(nil, as: key)
            #expect(idle.activeWorkers == 0 && idle.activeSessions == 0)
            let spending = try await bed.service.spending(of: nil, days: 1, as: key)
            #expect(spending.held == .zero)
            let other = try #require(try await bed.claim(as: key).first)
            // With the slot taken it cannot go on, and keeps its task meanwhile.
            #expect(try await resume(bed, worker, key) == .workerLimit)
            let alive = try await bed.service.heartbeat(worker.id, as: key)
            #expect(alive.worker.status == .waitingInput && alive.stop == nil)
            _ = try await bed.service.report(other.id, Report(status: .completed), as: key)
            #expect(try await resume(bed, worker, key) == nil)
        }
    }

    @Test(arguments: Door.all)
    func `an answered worker takes a slot before any new claim`(through door: Door) async throws {
        try await withAsking(through: door) { bed, worker, key in
            let open = QuestionFilter(open: true)
            let asked = try await bed.service.questions(open, .first, as: key).items
            #expect(asked.map(\.prompt) == ["Which one?"] && asked.first?.kind == .ask)
            _ = try await bed.service.answer(
                worker.id, NewAnswer(answer: "left"), as: bed.admin)
            let told = try await bed.service.heartbeat(worker.id, as: key)
            #expect(told.answers.map(\.answer) == ["left"])
            #expect(try await bed.code { _ = try await bed.claim(as: key) } == .workerLimit)
            #expect(try await resume(bed, worker, key) == nil)
            let after = try await bed.service.account(nil, as: key)
            #expect(after.activeWorkers == 1)
        }
    }

    @Test(arguments: Door.all)
    func `when its runner falls silent the next attempt gets the answer`(
        through door: Door
    ) async throws {
        try await withAsking(through: door) { bed, worker, key in
            #expect(try await bed.pass(seconds: 901) == 1)
            let after = try await bed.service.task(worker.taskID, with: [.workers], as: key)
            #expect(after.task.status == .pending && after.task.attempts == 0)
            #expect(after.task.openQuestions == 1)
            #expect(after.workers?.map(\.failureClass) == [.waiting])
            let only = ClaimRequest(taskID: worker.taskID, runner: "r")
            #expect(try await bed.service.claim(only, as: key).reason == .notReady)
            _ = try await bed.service.answer(
                worker.id, NewAnswer(answer: "right"), as: bed.admin)
            let next = try #require(
                try await bed.service.claim(only, as: key).workers.first)
            #expect(next.answers.map(\.answer) == ["right"])
            #expect(next.salvage?.workerID == worker.id)
        }
    }

    @Test(arguments: Door.all)
    func `whoever goes on without an answer takes the question back`(
        through door: Door
    ) async throws {
        try await withAsking(through: door) { bed, worker, key in
            #expect(try await resume(bed, worker, key) == nil)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.openQuestions == 0)
            let late = try await bed.code {
                _ = try await bed.service.answer(
                    worker.id, NewAnswer(answer: "left"), as: bed.admin)
            }
            #expect(late == .illegalTransition)
        }
    }

    @Test(arguments: Door.direct)
    func `as a setting it keeps its slot`(through door: Door) async throws {
        try await door.open(EngineSettings(waitingKeepsSlot: true)) { bed in
            let (worker, key) = try await bed.claimedWorker()
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            _ = try await bed.service.report(
                worker.id,
                Report(status: .waitingInput, waitingFor: WaitingFor(prompt: "Well?")), as: key)
            let account = try await bed.service.account(nil, as: key)
            #expect(account.activeWorkers == 1)
        }
    }
}
