import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("A heartbeat that waits is answered as soon as there is something to say")
struct BeatTests {
    /// A worker, on a server that looks for what others say only after so long.
    private func withWorker(
        through door: Door, look: Duration = .seconds(3600),
        _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        var settings = EngineSettings()
        settings.beatLook = look
        try await door.open(settings) { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxCostPerDay: "1", maxConcurrentWorkers: 2), in: workspace)
            try await bed.task(in: workspace) { $0.maxCost = "0.5" }
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            try await body(bed, worker, key)
        }
    }

    /// The answer to a beat that is parked before something happens.
    private func beat(
        _ bed: TestBed, _ worker: ClaimedWorker, heard: String? = nil,
        while something: () async throws -> Void
    ) async throws -> ReportAnswer {
        async let answer = bed.service.heartbeat(
            worker.id, waitSeconds: 60, heard: heard, as: Credential(worker.token))
        try await parked(1, bed)
        try await something()
        return try await answer
    }

    private func parked(_ count: Int, _ bed: TestBed) async throws {
        while bed.parkedBeats != count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Door.all)
    func `a cancel wakes it, and a stop that was heard does not again`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let answer = try await beat(bed, worker) {
                _ = try await bed.service.cancelTask(worker.taskID, as: bed.admin)
            }
            #expect(answer.stop == .cancelled && answer.said != nil)
            // Whoever has not heard it is told at once.
            let again = try await bed.service.heartbeat(worker.id, waitSeconds: 60, as: key)
            #expect(again.stop == .cancelled && again.said == answer.said)
            let lost = try await failure(as: DibsError.self) {
                _ = try await beat(bed, worker, heard: answer.said) {
                    let end = Report(status: .error)
                    _ = try await bed.service.report(worker.id, end, as: key)
                }
            }
            #expect(lost?.code == .leaseLost)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Door.all)
    func `so do an answer, what people say, and a lease that is lost`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let asked = Report(status: .waitingInput, waitingFor: WaitingFor(prompt: "Which?"))
            _ = try await bed.service.report(worker.id, asked, as: key)
            let answered = try await beat(bed, worker) {
                let left = NewAnswer(answer: "left")
                _ = try await bed.service.answer(worker.id, left, as: bed.admin)
            }
            #expect(answered.answers.map(\.answer) == ["left"])
            _ = try await bed.service.report(
                worker.id, Report(status: .running, costUSD: "0.5"), as: key)
            let heard = try await bed.service.heartbeat(worker.id, as: key)
            #expect(heard.stop == .taskLimit)
            let raised = try await beat(bed, worker, heard: heard.said) {
                let raise = NewAnswer(answer: LimitAnswer.raise.rawValue)
                _ = try await bed.service.answer(worker.id, raise, as: bed.admin)
            }
            #expect(raised.instructions.count == 1 && raised.stop == nil)
            let lost = try await failure(as: DibsError.self) {
                _ = try await beat(bed, worker, heard: raised.said) {
                    _ = try await bed.service.releaseTask(worker.taskID, as: bed.admin)
                }
            }
            #expect(lost?.code == .leaseLost && lost?.details["salvage"] == "\(worker.id)")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Door.direct)
    func `what another server says, and a day that is spent, is found by one look for all`(
        through door: Door
    ) async throws {
        try await withWorker(through: door, look: .milliseconds(10)) { bed, worker, key in
            let other = try await Engine.open(bed.database, secret: TestBed.secret)
            let stopped = try await beat(bed, worker) {
                _ = try await other.cancelTask(worker.taskID, as: bed.admin)
            }
            #expect(stopped.stop == .cancelled)
            try await bed.task("other", in: worker.workspace)
            let second = try #require(try await bed.claim(as: key).first)
            let asked = Report(status: .waitingInput, waitingFor: WaitingFor(prompt: "Which?"))
            for report in [Report(status: .running), asked] {
                _ = try await bed.service.report(second.id, report, as: key)
            }
            let spent = try await beat(bed, second) {
                _ = try await other.addCost(NewCost(amount: "1"), of: worker.id, as: key)
            }
            #expect(spent.stop == .dayLimit)
        }
    }

    @Test(arguments: Door.direct)
    func `it waits no longer than a third of the lease, nor than its attempt may take`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let leases = try await bed.database.read { try Lease.all.all(in: $0) }
            let lease = try #require(leases.first)
            let end = lease.endsAt
            #expect(lease.longestBeat(at: end.addingTimeInterval(-1000)) == .seconds(300))
            #expect(lease.longestBeat(at: end.addingTimeInterval(-7)) == .seconds(7))
            #expect(lease.longestBeat(at: end) == .seconds(300), "it was told to stop")
            for wrong in [-1, 61, .max, .min] {
                let code = try await bed.code {
                    _ = try await bed.service.heartbeat(worker.id, waitSeconds: wrong, as: key)
                }
                #expect(code == .invalidField)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Door.direct)
    func `a thousand that wait are one look, and those that are given up leave nothing`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, _ in
            let limits = NewAccount(name: "many", maxConcurrentWorkers: 99)
            let (_, key) = try await bed.account(limits, in: worker.workspace)
            for number in 0..<99 { try await bed.task("\(number)", in: worker.workspace) }
            let more = try await bed.claim(as: key) { $0.maxTasks = 64 }
            let rest = try await bed.claim(as: key) { $0.maxTasks = 64 }
            let workers = [worker] + more + rest
            try #require(workers.count == 100)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<1000 {
                    let (id, key) = (workers[index % 100].id, bed.admin)
                    group.addTask {
                        _ = try? await bed.service.heartbeat(id, waitSeconds: 60, as: key)
                    }
                }
                try await parked(1000, bed)
                let ran = try await bed.database.statements.recorded {
                    try await bed.engine.lookForBeats()
                }
                #expect(ran.count < 10, "\(ran.map(\.text))")
                #expect(bed.parkedBeats == 1000)
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(bed.parkedBeats == 0)
        }
    }
}
