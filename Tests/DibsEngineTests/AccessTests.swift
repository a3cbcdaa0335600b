import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Everybody sees what is theirs, in lists too, and decides where they may")
struct AccessTests {
    /// Two workspaces with a live worker each, of one account that is linked to both; the second
    /// worker waits for an answer.
    private struct Site: Sendable {
        let here: Workspace
        let there: Workspace
        let account: Account
        let owner: Credential
        let workers: [ClaimedWorker]

        func token(_ index: Int) -> Credential { Credential(workers[index].token) }
    }

    private func furnish(_ bed: TestBed) async throws -> Site {
        let (here, there) = (try await bed.workspace("here"), try await bed.workspace("there"))
        let new = NewAccount(name: "owner", maxConcurrentWorkers: 9)
        let (account, owner) = try await bed.account(new, in: here, there)
        var workers: [ClaimedWorker] = []
        for workspace in [here, there] {
            let task = try await bed.task("in \(workspace.name)", in: workspace)
            workers += try await bed.claim(as: owner) { $0.taskID = task.id }
        }
        try #require(workers.count == 2)
        for worker in workers {
            _ = try await bed.service.report(worker.id, Report(status: .running), as: owner)
            let asked = WaitingFor(prompt: "in \(worker.workspace.name)?")
            _ = try await bed.service.report(
                worker.id, Report(status: .waitingInput, waitingFor: asked), as: owner)
        }
        return Site(here: here, there: there, account: account, owner: owner, workers: workers)
    }

    /// What is in each list, by the names of the workspaces.
    private func lists(_ bed: TestBed, as key: Credential) async throws -> [[String]] {
        let tasks = try await bed.service.tasks(TaskFilter(), .first, as: key).items
        let workers = try await bed.service.workers(WorkerFilter(), .first, as: key).items
        let questions = try await bed.service.questions(QuestionFilter(), .first, as: key).items
        let places = try await bed.service.workspaces(named: nil, .first, as: key).items
        let names = Dictionary(
            try await bed.service.workspaces(named: nil, .first, as: bed.admin).items
                .map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        return [
            tasks.map { $0.task.title.replacing("in ", with: "") }.sorted(),
            workers.compactMap { names[$0.workspaceID] }.sorted(),
            questions.map { $0.prompt.dropFirst(3).dropLast() }.map { String($0) }.sorted(),
            places.map(\.name).sorted(),
        ]
    }

    @Test(arguments: Door.all)
    func `a list holds what its caller may see and nothing else`(through door: Door) async throws {
        try await door.open { bed in
            let site = try await furnish(bed)
            let (_, linked) = try await bed.account(NewAccount(name: "linked"), in: site.here)
            let (_, stranger) = try await bed.account(NewAccount(name: "stranger"))
            let all = [[String]](repeating: ["here", "there"], count: 4)
            #expect(try await lists(bed, as: bed.admin) == all)
            #expect(try await lists(bed, as: site.owner) == all)
            let one = [[String]](repeating: ["here"], count: 4)
            #expect(try await lists(bed, as: linked) == one)
            #expect(try await lists(bed, as: site.token(0)) == one, "a token sees where it works")
            #expect(try await lists(bed, as: stranger) == [[], [], [], []])
        }
    }

    @Test(arguments: Door.all)
    func `a token reads no worker elsewhere and writes to no other worker of its account`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let site = try await furnish(bed)
            let (other, token) = (site.workers[1], site.token(0))
            let read = try await bed.code { _ = try await bed.service.worker(other.id, as: token) }
            #expect(read == .notFound)
            let sibling = try await bed.task("sibling", in: site.here)
            let beside = try #require(
                try await bed.claim(as: site.owner) { $0.taskID = sibling.id }.first)
            for id in [other.id, beside.id] {
                let codes = [
                    try await bed.code {
                        _ = try await bed.service.report(id, Report(progress: 9), as: token)
                    },
                    try await bed.code { _ = try await bed.service.heartbeat(id, as: token) },
                    try await bed.code {
                        let new = NewArtifact(type: .log, title: "log")
                        _ = try await bed.service.addArtifact(new, of: id, as: token)
                    },
                    try await bed.code {
                        _ = try await bed.service.addCost(NewCost(amount: "1"), of: id, as: token)
                    },
                ]
                #expect(codes == [.forbidden, .forbidden, .forbidden, .forbidden])
            }
            let after = try await bed.service.worker(beside.id, as: site.owner)
            #expect(after.progress == 0 && after.costUSD == .zero)
        }
    }

    /// What needs can_review, tried on the task of a worker that waits.
    private static let decisions:
        [@Sendable (any DibsService, ClaimedWorker, Credential) async throws -> Void] = [
            { _ = try await $0.answer($1.id, NewAnswer(answer: "yes"), as: $2) },
            { _ = try await $0.updateTask($1.taskID, TaskUpdate(priority: 3), as: $2) },
            { _ = try await $0.releaseTask($1.taskID, as: $2) },
            { _ = try await $0.cancelTask($1.taskID, as: $2) },
            { _ = try await $0.retryTask($1.taskID, as: $2) },
            { _ = try await $0.approveTask($1.taskID, as: $2) },
            { _ = try await $0.rejectTask($1.taskID, as: $2) },
            { try await $0.deleteTask($1.taskID, as: $2) },
        ]

    @Test(arguments: Door.all)
    func `who may claim and create may not decide, nor does an open workspace let anybody`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let site = try await furnish(bed)
            let (creator, key) = try await bed.account(NewAccount(name: "creator"))
            let rights = Rights(canClaim: true, canCreate: true)
            _ = try await bed.service.grant(creator.id, in: site.here.id, rights, as: bed.admin)
            let open = WorkspaceChange(accessMode: .open)
            _ = try await bed.service.updateWorkspace(site.there.id, open, as: bed.admin)
            for worker in site.workers {
                for decide in Self.decisions {
                    let error = try await failure(as: DibsError.self) {
                        try await decide(bed.service, worker, key)
                    }
                    #expect(error?.code == .forbidden)
                    #expect(error?.hint?.contains("--can-review") == true)
                }
            }
            let review = Rights(canClaim: false, canCreate: false, canReview: true)
            _ = try await bed.service.grant(creator.id, in: site.here.id, review, as: bed.admin)
            for decide in Self.decisions {
                let code = try await bed.code {
                    try await decide(bed.service, site.workers[0], key)
                }
                #expect(code != .forbidden && code != .notFound)
            }
            let token = try await bed.code {
                let answer = NewAnswer(answer: "yes")
                _ = try await bed.service.answer(site.workers[1].id, answer, as: site.token(1))
            }
            #expect(token == .forbidden, "a worker does not answer itself")
        }
    }

    @Test(arguments: Door.all)
    func `the account that claimed releases its task without another right`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (account, key) = try await bed.account()
            _ = try await bed.service.grant(account.id, in: workspace.id, Rights(), as: bed.admin)
            let task = try await bed.task(in: workspace)
            _ = try await bed.claim(as: key)
            let caller = key.once("again")
            for _ in 0..<2 {
                #expect(try await bed.service.releaseTask(task.id, as: caller).status == .pending)
            }
        }
    }

    @Test(arguments: Door.all)
    func `a link that says no to all, or that was taken back, is no sight`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let task = try await bed.task(in: workspace)
            let (account, key) = try await bed.account(in: workspace)
            func sees() async throws -> Bool {
                try await bed.code { _ = try await bed.service.task(task.id, with: [], as: key) }
                    == nil
            }
            #expect(try await sees())
            let none = Rights(canClaim: false, canCreate: false, canReview: false)
            _ = try await bed.service.grant(account.id, in: workspace.id, none, as: bed.admin)
            #expect(try await !sees())
            let named = try await bed.code {
                _ = try await bed.claim(as: key) { $0.taskID = task.id }
            }
            #expect(named == .notFound)
            _ = try await bed.service.grant(account.id, in: workspace.id, Rights(), as: bed.admin)
            #expect(try await sees())
            let worker = try #require(try await bed.claim(as: key).first)
            try await bed.service.revoke(account.id, in: workspace.id, as: bed.admin)
            #expect(try await !sees())
            let twice = try await bed.code {
                try await bed.service.revoke(account.id, in: workspace.id, as: bed.admin)
            }
            #expect(twice == .notFound)
            let byItself = try await bed.code {
                try await bed.service.revoke(account.id, in: workspace.id, as: key)
            }
            #expect(byItself == .forbidden)
            let end = Report(status: .completed, costUSD: "0.1")
            let token = Credential(worker.token)
            #expect(try await bed.service.report(worker.id, end, as: token).worker.progress == 100)
        }
    }

    @Test(arguments: Door.all)
    func `runners of others are numbers, and names are for admins`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let gpu = try Capabilities(["gpu"])
            let task = try await bed.task(in: workspace) { $0.requiredCapabilities = gpu }
            let (_, mine) = try await bed.account(NewAccount(name: "mine"), in: workspace)
            let (_, others) = try await bed.account(NewAccount(name: "others"), in: workspace)
            _ = try await bed.claim(as: mine) { $0.runner = "my-host" }
            for number in 0..<60 {
                bed.clock.advance(seconds: 1)
                _ = try await bed.claim(as: others) { $0.runner = "secret-host-\(number)" }
            }
            let why = try await bed.service.why(task.id, nil, as: mine)
            #expect(why.runners.map(\.runner) == ["my-host"])
            #expect(why.others == RunnerCount(asked: 50, able: 0), "the latest 50 of an account")
            let text = String(decoding: try Wire.encode(why), as: UTF8.self)
            #expect(!text.contains("secret-host"))
            let all = try await bed.service.why(task.id, nil, as: bed.admin)
            #expect(all.runners.count == 51 && all.others == nil && all.runnersCut == 0)
            #expect(all.runners.last?.runner == "my-host")
            bed.clock.advance(seconds: 31 * 24 * 3600)
            try await bed.reaper.tick()
            let left = try await bed.database.read { try RunnerSeen.all.count(in: $0) }
            #expect(left == 0)
        }
    }
}
