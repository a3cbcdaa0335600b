import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Why says what a claim would do")
struct WhyTests {
    /// The gates in the order a claim meets them, written apart from the code.
    private static let gatesOfClaimer: [GateName] = [
        .status, .dependencies, .questions, .notBefore, .access, .workspaceOpen,
        .workspaceWorkers, .released, .runnerPreference, .capabilities, .accountWorkers,
        .accountSessions, .seatSessions, .money,
    ]
    private static let gatesOfAnyone: [GateName] = [
        .status, .dependencies, .questions, .notBefore, .workspaceOpen, .workspaceWorkers, .runner,
    ]

    @Test(arguments: Door.all)
    func `every closed gate says who or what opens it`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.maxWorkers = 9 }
            let first = try await bed.task("First", in: workspace)
            let gpu = try Capabilities(["gpu"])
            let later = bed.clock.now.addingTimeInterval(60)
            let task = try await bed.task(in: workspace) {
                $0.dependsOn = [first.id]
                $0.requiredCapabilities = gpu
                $0.runnerPreference = .action
                $0.notBefore = later
            }
            let (_, key) = try await bed.account(in: workspace)
            let why = try await bed.service.why(task.id, Claimer(), as: key)
            #expect(!why.isOpen && why.gates.map(\.name) == Self.gatesOfClaimer)
            let closed = why.gates.filter { !$0.isOpen }
            #expect(
                closed.map(\.name) == [
                    .dependencies, .notBefore, .runnerPreference, .capabilities,
                ])
            #expect(closed.allSatisfy { $0.hint?.isEmpty == false })
            #expect(closed[0].hint?.contains("First (pending)") == true)
            #expect(closed[1].opensAt == later)
            #expect(closed[3].hint?.contains("offers no gpu") == true)
        }
    }

    @Test(arguments: Door.all)
    func `a limit that is reached says whose end opens it, and by when`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.maxWorkers = 1 }
            let (_, key) = try await bed.account(
                NewAccount(
                    name: "w", maxConcurrentSessions: 1, maxConcurrentWorkers: 1, seat: "plan"),
                in: workspace)
            for number in 0..<2 { try await bed.task("\(number)", in: workspace) }
            let worker = try #require(try await bed.claim(as: key).first)
            let next = try await bed.service.tasks(
                TaskFilter(status: .pending), .first, as: key
            ).items.first
            let other = try #require(next).task
            let why = try await bed.service.why(other.id, Claimer(), as: key)
            let closed = why.gates.filter { !$0.isOpen }
            #expect(
                closed.map(\.name) == [
                    .workspaceWorkers, .accountWorkers, .accountSessions, .seatSessions,
                ])
            for gate in closed {
                #expect(gate.opensAt == worker.leaseExpiresAt, "\(gate.name)")
                #expect(gate.hint?.contains("\(worker.id)") == true, "\(gate.name)")
            }
            let asked = WaitingFor(prompt: "Shall I?")
            for status in [WorkerStatus.running, .waitingInput] {
                let report = Report(
                    status: status, waitingFor: status == .running ? nil : asked)
                _ = try await bed.service.report(worker.id, report, as: key)
            }
            let waits = try await bed.service.why(worker.taskID, Claimer(), as: key)
            let question = waits.gates.first { $0.name == .questions }
            #expect(question?.hint?.contains("Shall I? (dibs answer \(worker.id))") == true)
        }
    }

    @Test(arguments: Door.all)
    func `without a claimer it is asked of the runners of the last day`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let gpu = try Capabilities(["gpu"])
            let task = try await bed.task(in: workspace) { $0.requiredCapabilities = gpu }
            func ask() async throws -> (Why, String?) {
                let why = try await bed.service.why(task.id, nil, as: bed.admin)
                #expect(why.gates.map(\.name) == Self.gatesOfAnyone && why.accountID == nil)
                return (why, why.gates.last?.hint)
            }
            let (_, never) = try await ask()
            #expect(never == "No runner with gpu has ever asked.")

            let (_, key) = try await bed.account(NewAccount(name: "a"), in: workspace)
            let (_, stranger) = try await bed.account(NewAccount(name: "b"))
            _ = try await bed.claim(as: key) { $0.runner = "plain" }
            bed.clock.advance(seconds: 1)
            _ = try await bed.claim(as: stranger) {
                $0.runner = "strange"
                $0.capabilities = gpu
            }
            let (near, nearest) = try await ask()
            #expect(near.runners.map(\.runner) == ["strange", "plain"])
            #expect(near.runners.map(\.closed) == [[.access], [.capabilities]])
            #expect(nearest == "The nearest is strange, kept away by access.")

            bed.clock.advance(seconds: 3 * 24 * 3600)
            let (late, gone) = try await ask()
            #expect(late.runners.isEmpty && !late.isOpen)
            #expect(gone == "No runner with gpu has asked for 3 days; the last was strange.")

            let filler = try await bed.task(in: workspace) { $0.priority = 9 }
            _ = try await bed.claim(as: key) {
                $0.taskID = filler.id
                $0.capabilities = gpu
            }
            let (open, _) = try await ask()
            #expect(open.isOpen && open.runners.map(\.closed) == [[]])
        }
    }
}
