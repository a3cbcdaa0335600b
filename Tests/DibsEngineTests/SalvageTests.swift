import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("What an attempt leaves behind is not lost")
struct SalvageTests {
    /// A worker whose lease ran out after it had committed and spent.
    private func withCutOff(
        through door: Door, task: (inout NewTask) -> Void = { _ in },
        _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxCostPerDay: "9"), in: workspace)
            try await bed.task(in: workspace, task)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(
                worker.id, Report(status: .running, progress: 60, costUSD: "0.5", commits: 2),
                as: key)
            try await bed.pass(seconds: 901)
            try await body(bed, worker, key)
        }
    }

    private func complete(
        _ bed: TestBed, _ worker: ClaimedWorker, _ key: Credential
    ) async throws -> DibsError? {
        let report = Report(status: .completed, costUSD: "0.75", result: ["done": true])
        return try await failure(as: DibsError.self) {
            _ = try await bed.service.report(worker.id, report, as: key)
        }
    }

    @Test(arguments: Door.all)
    func `a result that comes late is taken while nobody has touched the task`(
        through door: Door
    ) async throws {
        try await withCutOff(through: door) { bed, worker, key in
            #expect(try await complete(bed, worker, key) == nil)
            let view = try await bed.service.task(worker.taskID, with: [.workers], as: key)
            #expect(view.task.status == .completed && view.task.result == ["done": true])
            // The attempt stays what it was; what it cost more is in the ledger.
            #expect(view.workers?.map(\.failureClass) == [.leaseExpired])
            #expect(view.workers?.map(\.costUSD) == ["0.75"])
            let again = try await complete(bed, worker, key)
            #expect(again?.code == .leaseLost)
        }
    }

    @Test(arguments: Door.all)
    func `a worker whose task a person took back does not complete it after`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let (worker, key) = try await bed.claimedWorker()
            _ = try await bed.service.releaseTask(worker.taskID, as: bed.admin)
            #expect(try await complete(bed, worker, key)?.code == .leaseLost)
            let after = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(after.status == .pending && after.result == nil)
        }
    }

    @Test(arguments: Door.all)
    func `a late result of a task that wants a review goes to review`(
        through door: Door
    ) async throws {
        try await withCutOff(through: door, task: { $0.needsReview = true }) { bed, worker, key in
            #expect(try await complete(bed, worker, key) == nil)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .review)
        }
    }

    @Test(arguments: Door.all)
    func `otherwise it is refused, and the next attempt is offered what there is`(
        through door: Door
    ) async throws {
        try await withCutOff(through: door) { bed, worker, key in
            let next = try #require(try await bed.claim(as: key).first)
            #expect(next.salvage?.branch == worker.branch && next.salvage?.commits == 2)
            #expect(next.salvage?.costUSD == "0.5" && next.salvage?.progress == 60)
            let refusal = try #require(try await complete(bed, worker, key))
            #expect(refusal.code == .leaseLost)
            #expect(refusal.details["holder"] == "\(next.id)")
            #expect(refusal.details["salvage"] == "\(worker.id)")
            #expect(refusal.hint?.contains("branch") == true)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .assigned && task.result == nil)
        }
    }

    @Test(arguments: Door.all)
    func `an attempt that ended before it began hides no commits`(
        through door: Door
    ) async throws {
        try await withCutOff(through: door) { bed, worker, key in
            let next = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(
                next.id, Report(status: .error, failureClass: .infrastructure), as: key)
            try await bed.pass(seconds: 600)
            let third = try #require(try await bed.claim(as: key).first)
            #expect(third.salvage?.workerID == worker.id && third.salvage?.commits == 2)
        }
    }

    @Test(arguments: Door.direct)
    func `after a person has touched the task a late result is refused`(
        through door: Door
    ) async throws {
        try await withCutOff(through: door) { bed, worker, key in
            bed.clock.advance(seconds: 1)
            let change = TaskUpdate(title: "Fix the logout")
            _ = try await bed.service.updateTask(worker.taskID, change, as: bed.admin)
            #expect(try await complete(bed, worker, key)?.code == .leaseLost)
        }
    }

    @Test(arguments: Door.all)
    func `five ends of the infrastructure in a row burn one attempt`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let task = try await bed.task(in: workspace)
            var burned: [Int] = []
            for _ in 0..<6 {
                let worker = try #require(try await bed.claim(as: key).first)
                _ = try await bed.service.report(
                    worker.id, Report(status: .error, failureClass: .infrastructure), as: key)
                let after = try await bed.service.task(task.id, with: [], as: key).task
                burned.append(after.attempts)
                try await bed.pass(seconds: 60)
            }
            #expect(burned == [0, 0, 0, 0, 1, 1])
        }
    }

    @Test(arguments: Door.all)
    func `a provider's own pause is kept`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let task = try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            var report = Report(
                status: .error, failureClass: .rateLimited, retryAfterSeconds: 3601)
            let tooLong = try await bed.code {
                _ = try await bed.service.report(worker.id, report, as: key)
            }
            #expect(tooLong == .invalidField)
            report.retryAfterSeconds = 1200
            _ = try await bed.service.report(worker.id, report, as: key)
            let after = try await bed.service.task(task.id, with: [], as: key).task
            #expect(after.attempts == 0)
            #expect(after.notBefore == bed.clock.now.addingTimeInterval(1200))
        }
    }
}
