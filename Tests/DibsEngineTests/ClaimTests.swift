import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("A claim takes the best task it may, and says why when there is none")
struct ClaimTests {
    @Test(arguments: Door.all)
    func `a claimed task is assigned under a lease of 15 minutes`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let task = try await bed.task("Fix the login, now!", in: workspace)
            let (account, key) = try await bed.account(in: workspace)
            let claimed = try #require(try await bed.claim(as: key).first)
            let lease = bed.clock.now.addingTimeInterval(900)
            #expect(claimed.taskID == task.id && claimed.leaseExpiresAt == lease)
            #expect(claimed.task.status == .assigned && claimed.task.claimedBy == account.id)
            #expect(claimed.task.expiresAt == lease && claimed.workspace.id == workspace.id)
            let short = task.id.description.prefix(8)
            #expect(claimed.branch == "dibs/fix-the-login-now-\(short)-1")
            let worker = try await bed.service.worker(claimed.id, as: key)
            #expect(
                worker.status == .idle && worker.runner == "runner" && worker.completedAt == nil)
            #expect(try await bed.claim(as: key).isEmpty, "a task is claimed once")
        }
    }

    @Test(arguments: Door.all)
    func `priority is a head start of an hour a point, so nothing starves`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task("old", in: workspace)
            bed.clock.advance(seconds: 3500)
            try await bed.task("one point, in time", in: workspace) { $0.priority = 1 }
            bed.clock.advance(seconds: 200)
            try await bed.task("one point, too late", in: workspace) { $0.priority = 1 }
            try await bed.task("urgent", in: workspace) { $0.priority = 10 }
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxConcurrentWorkers: 10), in: workspace)
            let all = try await bed.claim(as: key) { $0.maxTasks = 10 }
            let titles = all.map(\.task.title)
            #expect(titles == ["urgent", "one point, in time", "old", "one point, too late"])
        }
    }

    @Test(arguments: Door.all)
    func `a task goes to a runner that has all it needs`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let needs = try Capabilities(["gpu", "arm"])
            try await bed.task("hard", in: workspace) { $0.requiredCapabilities = needs }
            let (_, key) = try await bed.account(in: workspace)
            for offered in [[], ["gpu"], ["arm", "x"]] {
                let capabilities = try Capabilities(offered)
                let answer = try await bed.service.claim(
                    ClaimRequest(capabilities: capabilities, runner: "r"), as: key)
                #expect(answer.workers.isEmpty && answer.reason == .noMatch)
            }
            let enough = try Capabilities(["ARM", "gpu", "xcode"])
            #expect(try await bed.claim(as: key) { $0.capabilities = enough }.count == 1)
        }
    }

    @Test(arguments: Door.all)
    func `a task goes to the type of account it prefers`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task("for CI", in: workspace) { $0.runnerPreference = .action }
            let (_, user) = try await bed.account(NewAccount(name: "u"), in: workspace)
            let (_, ci) = try await bed.account(
                NewAccount(name: "ci", type: .action), in: workspace)
            #expect(try await bed.claim(as: user).isEmpty)
            #expect(try await bed.claim(as: ci).map(\.task.title) == ["for CI"])
        }
    }

    @Test(arguments: Door.all)
    func `tasks nobody here can take never hide the ones behind them`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let gpu = try Capabilities(["gpu"])
            for number in 0..<60 {
                try await bed.task("blocked \(number)", in: workspace) {
                    $0.requiredCapabilities = gpu
                    $0.priority = 100
                }
            }
            try await bed.task("free", in: workspace)
            let (_, key) = try await bed.account(in: workspace)
            #expect(try await bed.claim(as: key).map(\.task.title) == ["free"])
        }
    }

    @Test(arguments: Door.all)
    func `nothing has a reason`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, stranger) = try await bed.account(NewAccount(name: "stranger"))
            let (_, key) = try await bed.account(in: workspace)
            func reason(_ key: Credential) async throws -> NothingReason? {
                try await bed.service.claim(ClaimRequest(runner: "r"), as: key).reason
            }
            let first = [try await reason(stranger), try await reason(key)]
            #expect(first == [.noAccess, .noTask])
            let later = bed.clock.now.addingTimeInterval(60)
            try await bed.task(in: workspace) { $0.notBefore = later }
            let second = try await reason(key)
            #expect(second == .notReady)
        }
    }

    @Test(arguments: Door.all)
    func `maxTasks takes what fits`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<5 { try await bed.task("\(number)", in: workspace) }
            let (account, key) = try await bed.account(
                NewAccount(name: "w", maxConcurrentWorkers: 3), in: workspace)
            #expect(try await bed.claim(as: key) { $0.maxTasks = 64 }.count == 3)
            let error = try await failure(as: DibsError.self) {
                try await bed.claim(as: key)
            }
            #expect(error?.code == .workerLimit)
            #expect(error?.details["limit"] == "3" && error?.details["current"] == "3")
            let now = try await bed.service.account(account.id, as: bed.admin)
            #expect(now.activeWorkers == 3 && now.activeSessions == 3)
        }
    }

    @Test(arguments: Door.all)
    func `accounts that share a seat share its sessions`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<5 { try await bed.task("\(number)", in: workspace) }
            let new = NewAccount(
                name: "shares", authType: .oauth, maxConcurrentSessions: 2, seat: "max plan")
            let accounts = [
                try await bed.account(new, in: workspace),
                try await bed.account(new, in: workspace),
            ]
            for account in accounts { _ = try await bed.claim(as: account.key) }
            for account in accounts {
                let code = try await bed.code { _ = try await bed.claim(as: account.key) }
                #expect(code == .sessionLimit)
            }
            // The seat's limit is one, whichever account it is said of.
            let more = AccountChange(maxConcurrentSessions: .at(3))
            _ = try await bed.service.updateAccount(accounts[0].account.id, more, as: bed.admin)
            #expect(try await bed.claim(as: accounts[1].key).count == 1)
            let full = try await bed.code { _ = try await bed.claim(as: accounts[0].key) }
            #expect(full == .sessionLimit)
        }
    }

    @Test(arguments: Door.all)
    func `a workspace limits its workers, whoever they are`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.maxWorkers = 1 }
            for number in 0..<3 { try await bed.task("\(number)", in: workspace) }
            let (_, one) = try await bed.account(NewAccount(name: "1"), in: workspace)
            let (_, two) = try await bed.account(NewAccount(name: "2"), in: workspace)
            let first = try #require(try await bed.claim(as: one) { $0.maxTasks = 3 }.first)
            let full = try await bed.service.claim(ClaimRequest(runner: "r"), as: two)
            #expect(full.workers.isEmpty && full.reason == .workspaceLimit)
            let closed = full.why?.gates.filter { !$0.isOpen }
            #expect(closed?.map(\.name) == [.workspaceWorkers])
            #expect(closed?.first?.hint?.contains("maxWorkers") == true)
            _ = try await bed.service.report(first.id, Report(status: .completed), as: one)
            #expect(try await bed.claim(as: two).count == 1)
        }
    }

    @Test(arguments: Door.all)
    func `in a full workspace, what a claim lacks is said before the place it lacks`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let full = try await bed.workspace("full") { $0.maxWorkers = 1 }
            let free = try await bed.workspace("free")
            let (_, holder) = try await bed.account(NewAccount(name: "1"), in: full)
            let (_, key) = try await bed.account(NewAccount(name: "2"), in: full, free)
            try await bed.task("taken", in: full)
            _ = try await bed.claim(as: holder)
            func reason(
                _ key: Credential, _ task: AgentTask.ID? = nil
            ) async throws -> NothingReason? {
                try await bed.service.claim(ClaimRequest(taskID: task, runner: "r"), as: key).reason
            }
            let (_, stranger) = try await bed.account(NewAccount(name: "3"))
            #expect(try await reason(stranger) == .noAccess)
            #expect(try await reason(key) == .noTask)
            let gpu = try Capabilities(["gpu"])
            try await bed.task("other", in: full) { $0.requiredCapabilities = gpu }
            #expect(try await reason(key) == .noMatch)
            let later = bed.clock.now.addingTimeInterval(60)
            try await bed.task("later", in: full) { $0.notBefore = later }
            #expect(try await reason(key) == .notReady)
            let ready = try await bed.task("ready", in: full)
            let waits = try await bed.task("waits", in: free) { $0.notBefore = later }
            #expect(try await reason(key) == .workspaceLimit)
            let named = [try await reason(key, ready.id), try await reason(key, waits.id)]
            #expect(named == [.workspaceLimit, .notReady])
            let closing = WorkspaceChange(closed: true)
            _ = try await bed.service.updateWorkspace(full.id, closing, as: bed.admin)
            #expect(try await reason(key) == .notReady, "a closed workspace is no full one")
        }
    }

    @Test(arguments: Door.all)
    func `the money of the day is set aside before it is spent`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<3 {
                try await bed.task("\(number)", in: workspace) { $0.maxCost = "0.4" }
            }
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxCostPerDay: "1", maxConcurrentWorkers: 9), in: workspace)
            let claimed = try await bed.claim(as: key) { $0.maxTasks = 9 }
            #expect(claimed.count == 2)
            let error = try await failure(as: DibsError.self) { try await bed.claim(as: key) }
            #expect(error?.code == .dayLimit && error?.details["resetsAt"] != nil)
            _ = try await bed.service.report(
                claimed[0].id, Report(status: .completed, costUSD: "0.1"), as: key)
            #expect(try await bed.claim(as: key).count == 1, "0.1 spent and 0.4 held leave 0.5")
        }
    }

    @Test(arguments: Door.all)
    func `a task that was named is taken, or says why not`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task("first", in: workspace)
            let second = try await bed.task("second", in: workspace)
            let (_, key) = try await bed.account(in: workspace)
            #expect(
                try await bed.claim(as: key) { $0.taskID = second.id }.map(\.taskID) == [second.id])
            let again = try await bed.code {
                _ = try await bed.claim(as: key) { $0.taskID = second.id }
            }
            #expect(again == .taskNotClaimable)
            let hidden = try await bed.task(in: try await bed.workspace("hidden"))
            let code = try await bed.code {
                _ = try await bed.claim(as: key) { $0.taskID = hidden.id }
            }
            #expect(code == .notFound)
        }
    }

    @Test(arguments: Door.all)
    func `a task waits for what it depends on, and for its time`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let first = try await bed.task("first", in: workspace)
            let then = try await bed.task("then", in: workspace) { $0.dependsOn = [first.id] }
            #expect(then.openDependencies == 1)
            let one = try #require(try await bed.claim(as: key) { $0.maxTasks = 3 }.first)
            #expect(one.taskID == first.id)
            _ = try await bed.service.report(one.id, Report(status: .completed), as: key)
            #expect(try await bed.claim(as: key).map(\.taskID) == [then.id])
            let time = bed.clock.now.addingTimeInterval(60)
            try await bed.task("later", in: workspace) { $0.notBefore = time }
            #expect(try await bed.claim(as: key).isEmpty)
            bed.clock.advance(seconds: 60)
            try await bed.reaper.tick()
            #expect(try await bed.claim(as: key).map(\.task.title) == ["later"])
        }
    }

    @Test(arguments: Door.all)
    func `a claim that waits gets the task that comes`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            async let waiting = bed.claim(as: key) { $0.waitSeconds = 20 }
            try await bed.task("late", in: workspace)
            #expect(try await waiting.map(\.task.title) == ["late"])
        }
    }

    @Test(arguments: Door.direct)
    func `32 callers with a limit of 3, or with money for 3, get 3, 100 times each`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<40 {
                try await bed.task("\(number)", in: workspace) { $0.maxCost = "1" }
            }
            for round in 0..<200 {
                let limits =
                    round.isMultiple(of: 2)
                    ? NewAccount(name: "workers", maxConcurrentWorkers: 3)
                    : NewAccount(name: "money", maxCostPerDay: "3", maxConcurrentWorkers: 40)
                let (account, key) = try await bed.account(limits, in: workspace)
                let taken = await withTaskGroup(of: [Worker.ID].self) { group in
                    for _ in 0..<32 {
                        group.addTask { (try? await bed.claim(as: key).map(\.id)) ?? [] }
                    }
                    return await group.reduce(into: []) { $0 += $1 }
                }
                #expect(taken.count == 3)
                let now = try await bed.service.account(account.id, as: bed.admin)
                #expect(now.activeWorkers == 3)
                for worker in taken {
                    _ = try await bed.service.report(
                        worker, Report(status: .error, failureClass: .rateLimited), as: bed.admin)
                }
                try await bed.pass(seconds: 60)
            }
        }
    }

    @Test(arguments: Door.remote)
    func `200 tasks and 64 claimers at once over HTTP: each task once`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.accessMode = .open }
            for number in 0..<200 { try await bed.task("\(number)", in: workspace) }
            let keys = try await withThrowingTaskGroup(of: Credential.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        try await bed.account(
                            NewAccount(name: "\(number)", maxConcurrentWorkers: 200)
                        ).key
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let claimed = try await withThrowingTaskGroup(of: [AgentTask.ID].self) { group in
                for key in keys {
                    group.addTask {
                        var mine: [AgentTask.ID] = []
                        while let next = try await bed.claim(as: key).first {
                            mine.append(next.taskID)
                        }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 200 && Set(claimed).count == 200)
        }
    }
}
