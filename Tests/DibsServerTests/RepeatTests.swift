import DibsCore
import DibsServer
import DibsTesting
import HTTPTypes
import Testing

@Suite("Every POST with an Idempotency-Key is answered the same when it comes again")
struct RepeatTests {
    /// What the posts are about: a task in each state that one of them needs.
    private struct Site: Sendable {
        let bed: TestBed
        let workspace: Workspace
        let renewed: Account
        let key: Credential
        let running: ClaimedWorker
        let asking: ClaimedWorker
        let held: ClaimedWorker
        let cancelled: AgentTask
        let reviewed: [AgentTask.ID]
        let parked: [ParkedCost.ID]

        var service: any DibsService { bed.service }
        var admin: Credential { bed.admin.once("again") }
    }

    private func furnish(_ bed: TestBed) async throws -> Site {
        let workspace = try await bed.workspace()
        let new = NewAccount(name: "worker", maxConcurrentWorkers: 9)
        let (_, key) = try await bed.account(new, in: workspace)
        for number in 0..<5 {
            try await bed.task("\(number)", in: workspace) { $0.needsReview = true }
        }
        let workers = try await bed.claim(as: key) { $0.maxTasks = 5 }
        try #require(workers.count == 5)
        for worker in workers {
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
        }
        let asked = Report(status: .waitingInput, waitingFor: WaitingFor(prompt: "Shall I?"))
        _ = try await bed.service.report(workers[1].id, asked, as: key)
        for worker in workers[3...] {
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
        }
        let unwanted = try await bed.task("unwanted", in: workspace)
        let cancelled = try await bed.service.cancelTask(unwanted.id, as: bed.admin)
        try await bed.task("left", in: workspace)
        let (renewed, _) = try await bed.account(NewAccount(name: "renewed"))
        var parked: [ParkedCost.ID] = []
        for _ in 0..<2 {
            let cost = NewCost(amount: "5000")
            let made = try await bed.service.addCost(cost, of: workers[0].id, as: bed.admin)
            parked.append(Identifier(made.id.uuid))
        }
        return Site(
            bed: bed, workspace: workspace, renewed: renewed, key: key, running: workers[0],
            asking: workers[1], held: workers[2], cancelled: cancelled,
            reviewed: workers[3...].map(\.taskID), parked: parked)
    }

    private typealias Post = @Sendable (Site, String) async throws -> any Encodable

    /// A call of each POST of the API; the text goes into its body, where it has one.
    private static let posts: [String: Post] = [
        "/api/accounts": {
            try await $0.service.createAccount(NewAccount(name: $1), as: $0.admin)
        },
        "/api/accounts/{id}/rotate-key": { site, _ in
            try await site.service.rotateKey(of: site.renewed.id, as: site.admin)
        },
        "/api/workspaces": {
            try await $0.service.createWorkspace(NewWorkspace(name: $1), as: $0.admin)
        },
        "/api/workspaces/{id}/sources": {
            let new = NewSource(type: .manual, name: $1)
            return try await $0.service.createSource(new, in: $0.workspace.id, as: $0.admin)
        },
        "/api/tasks": {
            let new = NewTask(workspaceID: $0.workspace.id, title: $1)
            return try await $0.service.createTask(new, as: $0.admin)
        },
        "/api/tasks/{id}/cancel": { site, _ in
            try await site.service.cancelTask(site.running.taskID, as: site.admin)
        },
        "/api/tasks/{id}/retry": { site, _ in
            try await site.service.retryTask(site.cancelled.id, as: site.admin)
        },
        "/api/tasks/{id}/release": { site, _ in
            try await site.service.releaseTask(site.held.taskID, as: site.admin)
        },
        "/api/tasks/{id}/approve": { site, _ in
            try await site.service.approveTask(site.reviewed[0], as: site.admin)
        },
        "/api/tasks/{id}/reject": { site, _ in
            try await site.service.rejectTask(site.reviewed[1], as: site.admin)
        },
        "/api/workers/claim": {
            try await $0.service.claim(ClaimRequest(runner: $1), as: $0.key.once("again"))
        },
        "/api/workers/{id}/heartbeat": { site, _ in
            try await site.service.heartbeat(site.running.id, as: site.key.once("again"))
        },
        "/api/workers/{id}/artifacts": {
            let new = NewArtifact(type: .log, title: $1)
            return try await $0.service.addArtifact(new, of: $0.running.id, as: $0.admin)
        },
        "/api/workers/{id}/costs": {
            let new = NewCost(amount: $1 == "one" ? "0.01" : "0.02")
            return try await $0.service.addCost(new, of: $0.running.id, as: $0.admin)
        },
        "/api/costs/{id}/accept": { site, _ in
            try await site.service.decideCost(site.parked[0], .accept, as: site.admin)
        },
        "/api/costs/{id}/drop": { site, _ in
            try await site.service.decideCost(site.parked[1], .drop, as: site.admin)
        },
        "/api/workers/{id}/answer": {
            try await $0.service.answer($0.asking.id, NewAnswer(answer: $1), as: $0.admin)
        },
    ]

    /// Those whose call is all in the path: there is no other body for them.
    private static let bodiless: Set = [
        "rotate-key", "cancel", "retry", "release", "approve", "reject", "heartbeat",
        "accept", "drop",
    ]

    @Test func `each POST of the API is among those tried here`() {
        let routes = RouteTable.api.routes.filter { $0.method == .post }.map(\.path)
        #expect(Set(routes) == Set(Self.posts.keys))
    }

    @Test(arguments: Door.remote)
    func `the same request again has the same answer, and changes nothing`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let site = try await furnish(bed)
            for (path, post) in Self.posts.sorted(by: { $0.key < $1.key }) {
                let first = try Wire.encode(await post(site, "one"))
                let again = try Wire.encode(await post(site, "one"))
                #expect(again == first, "\(path)")
                if Self.bodiless.contains(where: path.hasSuffix) { continue }
                let other = try await bed.code { _ = try await post(site, "another") }
                #expect(other == .idempotencyKeyReused, "\(path)")
            }
        }
    }

    @Test(arguments: Door.remote)
    func `a key that was given again is the key, and the one before it opens nothing`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let (account, old) = try await bed.account()
            let caller = bed.admin.once("again")
            _ = try await bed.service.rotateKey(of: account.id, as: caller)
            let made = try await bed.service.rotateKey(of: account.id, as: caller)
            let me = try await bed.service.account(nil, as: Credential(made.apiKey))
            #expect(me.id == account.id)
            let before = try await bed.code { _ = try await bed.service.account(nil, as: old) }
            #expect(before == .keyUnknown)
            let next = try await bed.service.rotateKey(of: account.id, as: bed.admin.once("next"))
            #expect(next.apiKey != made.apiKey)
        }
    }
}
