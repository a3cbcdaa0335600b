import DibsCore
import DibsTesting
import Foundation
import Testing

@Suite("At rest, why is held to what claims do")
struct WhyPropertyTests {
    private static let seed = UInt64.random(in: 0...UInt64.max)

    /// Who asks: the same for `why` and for the claim.
    private struct Asker {
        let key: Credential
        let capabilities: Capabilities

        var claimer: Claimer { Claimer(capabilities: capabilities, runner: "runner") }

        /// The task it gets, and where it gets none but no limit of its own is said, the reason.
        func claim(
            _ bed: TestBed, _ task: AgentTask.ID? = nil
        ) async throws -> (task: AgentTask.ID?, reason: NothingReason?) {
            let request = ClaimRequest(
                taskID: task, capabilities: capabilities, runner: "runner")
            do {
                let answer = try await bed.service.claim(request, as: key)
                return (answer.workers.first?.taskID, answer.reason)
            } catch {
                let code = (error as? DibsError)?.code
                let limits: [ErrorCode] = [
                    .workerLimit, .sessionLimit, .dayLimit, .workspaceLimit, .taskNotClaimable,
                    .notFound, .forbidden,
                ]
                guard let code, limits.contains(code) else { throw error }
                return (nil, nil)
            }
        }

        /// The gates that `why` calls closed, of each task that it may see.
        func closed(
            _ bed: TestBed, _ tasks: [AgentTask]
        ) async throws -> [(task: AgentTask, gates: Set<GateName>)] {
            var closed: [(AgentTask, Set<GateName>)] = []
            for task in tasks {
                do {
                    let why = try await bed.service.why(task.id, claimer, as: key)
                    closed.append((task, Set(why.gates.filter { !$0.isOpen }.map(\.name))))
                } catch let error as DibsError where error.code == .notFound {}
            }
            return closed.sorted { ($0.0.rank, "\($0.0.id)") < ($1.0.rank, "\($1.0.id)") }
        }
    }

    /// The reason of a claim that gets nothing, from the closed gates of every task in its sight.
    private func reason(_ closed: [Set<GateName>]) -> NothingReason {
        let limits: Set<GateName> = [.accountWorkers, .accountSessions, .seatSessions, .money]
        let pending = closed.map { $0.subtracting(limits) }
            .filter { $0.isDisjoint(with: [.status, .access, .workspaceOpen]) }
        guard !pending.isEmpty else { return .noTask }
        let fitting = pending.filter { $0.isDisjoint(with: [.runnerPreference, .capabilities]) }
        guard !fitting.isEmpty else { return .noMatch }
        return fitting.contains([.workspaceWorkers]) ? .workspaceLimit : .notReady
    }

    /// Furnishes at random, and then asks and claims until nobody gets anything more.
    @Test(arguments: Door.direct)
    func `open is what a claim of it gets, and the plain claim gets the open task of least rank`(
        through door: Door
    ) async throws {
        var (taken, reasons) = (0, Set<NothingReason>())
        for round in 0..<8 {
            try await door.open { bed in
                var random = SeededNumbers(seed: Self.seed &+ UInt64(round))
                let askers = try await furnish(bed, &random)
                var idle = 0
                while idle < 2 * askers.count {
                    guard let asker = askers.randomElement(using: &random) else { break }
                    let tasks = try await bed.service.tasks(
                        TaskFilter(), PageRequest(limit: 200), as: bed.admin
                    ).items.map(\.task)
                    let closed = try await asker.closed(bed, tasks)
                    let open = closed.filter(\.gates.isEmpty).map(\.task)
                    let words = "seed \(Self.seed), round \(round)"
                    if Bool.random(using: &random), let task = tasks.randomElement(using: &random) {
                        let claimed = try await asker.claim(bed, task.id).task
                        let isOpen = open.contains { $0.id == task.id }
                        #expect(isOpen == (claimed == task.id), "\(words): \(task.title)")
                        taken += claimed == nil ? 0 : 1
                    } else {
                        let (claimed, said) = try await asker.claim(bed)
                        #expect(claimed == open.first?.id, "\(words): \(open.map(\.title))")
                        if let said {
                            #expect(said == reason(closed.map(\.gates)), "\(words)")
                            reasons.insert(said)
                        }
                        taken += claimed == nil ? 0 : 1
                        idle = claimed == nil ? idle + 1 : 0
                    }
                }
            }
        }
        #expect(taken > 24, "the places are furnished so that there is something to take")
        #expect(!reasons.isEmpty, "and so that it runs out")
    }

    private func furnish(
        _ bed: TestBed, _ random: inout SeededNumbers
    ) async throws -> [Asker] {
        let workspaces = [
            try await bed.workspace("open") { $0.accessMode = .open },
            try await bed.workspace("limited") { $0.maxWorkers = 3 },
            try await bed.workspace("hidden"),
            try await bed.workspace("closed") { $0.accessMode = .open },
        ]
        var askers: [Asker] = []
        for number in 0..<5 {
            let new = NewAccount(
                name: "\(number)",
                type: AccountType.allCases.randomElement(using: &random) ?? .user,
                maxCostPerDay: number == 0 ? "2" : nil,
                maxConcurrentSessions: number < 2 ? 3 : nil,
                maxConcurrentWorkers: Int.random(in: 3...9, using: &random),
                seat: number == 1 || number == 2 ? "seat" : nil)
            let key = try await bed.account(new, in: workspaces[0], workspaces[number % 3]).key
            let words = ["gpu", "arm"].filter { _ in Bool.random(using: &random) }
            askers.append(Asker(key: key, capabilities: try Capabilities(words)))
        }
        try await add(40, to: workspaces, bed, &random)
        for _ in 0..<12 {
            guard let asker = askers.randomElement(using: &random) else { break }
            try await work(as: asker, bed, &random)
        }
        _ = try await bed.service.updateWorkspace(
            workspaces[3].id, WorkspaceChange(closed: true), as: bed.admin)
        try await bed.pass(seconds: 20)
        return askers
    }

    private func add(
        _ count: Int, to workspaces: [Workspace], _ bed: TestBed, _ random: inout SeededNumbers
    ) async throws {
        var made: [AgentTask] = []
        for number in 0..<count {
            let workspace = workspaces[number % workspaces.count]
            let blocker = made.last { $0.workspaceID == workspace.id }
            let lot = (0..<7).map { _ in Int.random(in: 0..<12, using: &random) }
            let needed = try Capabilities(["gpu"].filter { _ in lot[0] < 4 })
            let moment = bed.clock.now.addingTimeInterval(3600)
            made.append(
                try await bed.task("\(number)", in: workspace) {
                    $0.requiredCapabilities = needed
                    $0.priority = lot[1] - 5
                    $0.runnerPreference = lot[2] < 2 ? .service : .any
                    $0.notBefore = lot[3] < 2 ? moment : nil
                    $0.maxCost = lot[4] < 6 ? "0.3" : nil
                    $0.needsReview = lot[5] < 4
                    if let blocker, lot[6] < 3 { $0.dependsOn = [blocker.id] }
                })
            bed.clock.advance(seconds: Double(lot[1] * 700))
        }
    }

    /// Claims something, and takes it to one of the states that a task can be in.
    private func work(
        as asker: Asker, _ bed: TestBed, _ random: inout SeededNumbers
    ) async throws {
        let request = ClaimRequest(capabilities: asker.capabilities, runner: "runner")
        guard let worker = try? await bed.service.claim(request, as: asker.key).workers.first
        else { return }
        func say(_ report: Report) async throws {
            _ = try await bed.service.report(worker.id, report, as: asker.key)
        }
        try await say(Report(status: .running, costUSD: "0.01"))
        let asked = WaitingFor(prompt: "Shall I?")
        switch Int.random(in: 0..<9, using: &random) {
        case 0: try await say(Report(status: .completed))
        case 1: try await say(Report(status: .error, failureClass: .agentFailed))
        case 2: try await say(Report(status: .error, failureClass: .rateLimited))
        case 3: try await say(Report(status: .waitingInput, waitingFor: asked))
        case 4:
            try await say(Report(status: .waitingInput, waitingFor: asked))
            _ = try await bed.service.answer(worker.id, NewAnswer(answer: "yes"), as: bed.admin)
        case 5: _ = try await bed.service.releaseTask(worker.taskID, as: asker.key)
        case 6: _ = try await bed.service.cancelTask(worker.taskID, as: bed.admin)
        case 7: try await say(Report(status: .error, failureClass: .infrastructure))
        default: break
        }
    }
}
