import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Logging
import Testing

@Suite("A worker that lost its lease writes nothing, and is told what to do")
struct FencingTests {
    /// Each thing that a worker's own token can write while its lease lasts.
    private static let writes: [(String, @Sendable (TestBed, ClaimedWorker) async throws -> Void)] =
        [
            ("heartbeat", { _ = try await $0.service.heartbeat($1.id, as: Credential($1.token)) }),
            ("start", { try await report(Report(status: .running), $1, $0) }),
            ("progress", { try await report(Report(progress: 90), $1, $0) }),
            ("milestone", { try await report(Report(milestones: ["Done"]), $1, $0) }),
            (
                "question",
                {
                    let asked = WaitingFor(prompt: "Shall I?")
                    try await report(Report(status: .waitingInput, waitingFor: asked), $1, $0)
                }
            ),
            ("completion", { try await report(Report(status: .completed), $1, $0) }),
            ("error", { try await report(Report(status: .error), $1, $0) }),
            ("nothing", { try await report(Report(), $1, $0) }),
        ]

    private static func report(
        _ report: Report, _ worker: ClaimedWorker, _ bed: TestBed
    ) async throws {
        _ = try await bed.service.report(worker.id, report, as: Credential(worker.token))
    }

    @Test(arguments: Door.all)
    func `each of its writes is refused with who has the task, what is left and what to do`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let task = try await bed.task(in: workspace)
            let late = try #require(try await bed.claim(as: key).first)
            try await Self.report(Report(status: .running, progress: 10), late, bed)
            try await bed.pass(seconds: 901)
            let holder = try #require(try await bed.claim(as: key).first)
            let parts: Set<TaskPart> = [.workers, .artifacts]
            let before = try await bed.service.task(task.id, with: parts, as: bed.admin)
            for (name, write) in Self.writes {
                let refusal = try await failure(as: DibsError.self) { try await write(bed, late) }
                #expect(refusal?.code == .leaseLost, "\(name)")
                #expect(refusal?.details["holder"] == "\(holder.id)", "\(name)")
                #expect(refusal?.details["salvage"] == "\(late.id)", "\(name)")
                #expect(refusal?.hint?.isEmpty == false, "\(name)")
            }
            let after = try await bed.service.task(task.id, with: parts, as: bed.admin)
            #expect(after == before)
        }
    }

    /// Two servers on one database, with workers that are all to end at the same moment.
    private func withTwoServers(
        through door: Door, _ body: (TestBed, [Reaper], [ClaimedWorker]) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let limits = NewAccount(name: "w", maxConcurrentWorkers: 20)
            let (_, key) = try await bed.account(limits, in: workspace)
            for number in 0..<20 { try await bed.task("\(number)", in: workspace) }
            let workers = try await bed.claim(as: key) { $0.maxTasks = 20 }
            #expect(workers.count == 20)
            let other = try await Engine.open(bed.database, secret: TestBed.secret)
            let reapers = [bed.engine, other].map { Reaper($0, logger: Logger(label: "test")) }
            try await body(bed, reapers, workers)
        }
    }

    @Test(arguments: Door.direct)
    func `the reapers of two servers end each lease once`(through door: Door) async throws {
        try await withTwoServers(through: door) { bed, reapers, workers in
            try await bed.pass(seconds: 890)
            bed.clock.advance(seconds: 20)
            async let first = reapers[0].tick()
            async let second = reapers[1].tick()
            let ended = try await first + second
            #expect(ended == workers.count && !workers.isEmpty)
            let tasks = try await bed.service.tasks(TaskFilter(), .first, as: bed.admin).items
            #expect(tasks.count == workers.count)
            #expect(tasks.allSatisfy { $0.task.status == .pending && $0.task.ends == 1 })
        }
    }

    @Test(arguments: Door.direct)
    func `the absence of all servers is given back once`(through door: Door) async throws {
        try await withTwoServers(through: door) { bed, reapers, workers in
            _ = try await reapers[0].tick()
            let due = workers.map { $0.leaseExpiresAt.addingTimeInterval(5000) }
            bed.clock.advance(seconds: 5000)
            async let first = reapers[0].tick()
            async let second = reapers[1].tick()
            let ended = try await first + second
            #expect(ended == 0)
            let leases = try await bed.database.read { try Lease.all.all(in: $0) }
            #expect(leases.count == workers.count && !workers.isEmpty)
            #expect(leases.allSatisfy { $0.expiresAt == due[0] })
        }
    }
}
