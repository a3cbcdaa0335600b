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
            #expect(!why.isOpen && why.gates.map(\.name) == GateName.ofClaimer)
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
    func `without a claimer it is asked of the runners of the last day`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let gpu = try Capabilities(["gpu"])
            let task = try await bed.task(in: workspace) { $0.requiredCapabilities = gpu }
            func ask() async throws -> (Why, String?) {
                let why = try await bed.service.why(task.id, nil, as: bed.admin)
                #expect(why.gates.map(\.name) == GateName.ofAnyone && why.accountID == nil)
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

    /// Furnishes at random, and then asks and claims for every account and task.
    @Test(arguments: Door.direct)
    func `it says open exactly when a claim of that task gets it`(through door: Door) async throws {
        for _ in 0..<6 {
            try await door.open { bed in
                let accounts = try await furnish(bed)
                let tasks = try await bed.service.tasks(
                    TaskFilter(), PageRequest(limit: 200), as: bed.admin
                ).items.map(\.task)
                for task in tasks.shuffled() {
                    guard let key = accounts.randomElement() else { continue }
                    let words = ["gpu", "arm"].filter { _ in Bool.random() }
                    let offered = try Capabilities(words)
                    let seen = try await failure(as: DibsError.self) {
                        let why = try await bed.service.why(
                            task.id, Claimer(capabilities: offered), as: key)
                        let claimed = try? await bed.claim(as: key) {
                            $0.taskID = task.id
                            $0.capabilities = offered
                        }
                        let gates = why.gates.filter { !$0.isOpen }
                        #expect(why.isOpen == (claimed?.count == 1), "\(task.title) \(gates)")
                    }
                    #expect(seen == nil || seen?.code == .notFound)
                }
            }
        }
    }

    private func furnish(_ bed: TestBed) async throws -> [Credential] {
        let workspaces = [
            try await bed.workspace("open") { $0.accessMode = .open },
            try await bed.workspace("limited") { $0.maxWorkers = 1 },
            try await bed.workspace("hidden"),
        ]
        var accounts: [Credential] = []
        for number in 0..<4 {
            let new = NewAccount(
                name: "\(number)", type: AccountType.allCases.randomElement() ?? .user,
                maxCostPerDay: number == 0 ? "0.5" : nil,
                maxConcurrentSessions: number == 1 ? 1 : nil,
                maxConcurrentWorkers: Int.random(in: 1...3), seat: number == 1 ? "seat" : nil)
            accounts.append(
                try await bed.account(new, in: workspaces[0], workspaces[number % 3]).key)
        }
        var made: [AgentTask] = []
        for number in 0..<24 {
            let workspace = workspaces[number % 3]
            let needed = try Capabilities(["gpu"].filter { _ in Int.random(in: 0..<3) == 0 })
            let blocker = made.last { $0.workspaceID == workspace.id }
            let moment = bed.clock.now.addingTimeInterval(60)
            made.append(
                try await bed.task("\(number)", in: workspace) {
                    $0.requiredCapabilities = needed
                    $0.runnerPreference = Int.random(in: 0..<4) == 0 ? .service : .any
                    $0.notBefore = Int.random(in: 0..<5) == 0 ? moment : nil
                    $0.maxCost = Int.random(in: 0..<2) == 0 ? "0.3" : nil
                    if let blocker, Int.random(in: 0..<4) == 0 { $0.dependsOn = [blocker.id] }
                })
        }
        for task in made.prefix(3) { _ = try await bed.service.cancelTask(task.id, as: bed.admin) }
        return accounts
    }
}
