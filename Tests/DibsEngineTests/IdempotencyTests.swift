import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("A request with an Idempotency-Key counts once, however often it comes")
struct IdempotencyTests {
    @Test(arguments: Door.all)
    func `the same task again is the same task`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let new = NewTask(workspaceID: workspace.id, title: "Once")
            let caller = bed.admin.once("a key")
            let first = try await bed.service.createTask(new, as: caller)
            let again = try await bed.service.createTask(new, as: caller)
            #expect(first.id == again.id)
            let other = NewTask(workspaceID: workspace.id, title: "Another")
            let reused = try await bed.code {
                _ = try await bed.service.createTask(other, as: caller)
            }
            #expect(reused == .idempotencyKeyReused)
            _ = try await bed.service.createTask(other, as: bed.admin.once("another key"))
            let (_, key) = try await bed.account(in: workspace)
            let theirs = try await bed.service.createTask(new, as: key.once("a key"))
            #expect(theirs.id != first.id, "a key is its account's own")
        }
    }

    @Test(arguments: Door.all)
    func `32 at once with one key make one task`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let new = NewTask(workspaceID: workspace.id, title: "Once")
            let ids = try await withThrowingTaskGroup(of: AgentTask.ID.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        try await bed.service.createTask(new, as: bed.admin.once("k")).id
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
    }

    @Test(arguments: Door.all)
    func `a claim whose answer was lost gets the same workers with their tokens`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<3 { try await bed.task("\(number)", in: workspace) }
            let (_, key) = try await bed.account(in: workspace)
            let request = ClaimRequest(maxTasks: 2, runner: "r")
            let first = try await bed.service.claim(request, as: key.once("k"))
            let again = try await bed.service.claim(request, as: key.once("k"))
            #expect(first.workers.count == 2)
            #expect(Set(again.workers.map(\.id)) == Set(first.workers.map(\.id)))
            #expect(Set(again.workers.map(\.token)) == Set(first.workers.map(\.token)))
            let me = try await bed.service.account(nil, as: key)
            #expect(me.activeWorkers == 2)
        }
    }

    @Test(arguments: Door.all)
    func `nothing and refusals are not kept`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxConcurrentWorkers: 1), in: workspace)
            let request = ClaimRequest(runner: "r")
            #expect(try await bed.service.claim(request, as: key.once("k")).workers.isEmpty)
            try await bed.task(in: workspace)
            try await bed.task(in: workspace)
            let found = try await bed.service.claim(request, as: key.once("k")).workers
            #expect(found.count == 1)
            let full = try await bed.code {
                _ = try await bed.service.claim(request, as: key.once("k2"))
            }
            #expect(full == .workerLimit)
            _ = try await bed.service.report(found[0].id, Report(status: .completed), as: key)
            #expect(try await bed.service.claim(request, as: key.once("k2")).workers.count == 1)
        }
    }

    @Test(arguments: Door.all)
    func `what people do to a task, and what is made, counts once`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let new = NewWorkspace(name: "site")
            let workspace = try await bed.service.createWorkspace(new, as: bed.admin.once("w"))
            let same = try await bed.service.createWorkspace(new, as: bed.admin.once("w"))
            #expect(workspace.id == same.id)
            let task = try await bed.task(in: workspace)
            for _ in 0..<2 {
                let after = try await bed.service.cancelTask(task.id, as: bed.admin.once("c"))
                #expect(after.status == .cancelled)
            }
            let account = NewAccount(name: "a")
            _ = try await bed.service.createAccount(account, as: bed.admin.once("a"))
            let again = try await bed.service.createAccount(account, as: bed.admin.once("a"))
            let other = try await bed.service.createAccount(account, as: bed.admin)
            #expect(again.apiKey != other.apiKey)
        }
    }

    @Test(arguments: Door.direct)
    func `of one credential the newest are known again, and others' are left alone`(
        through door: Door
    ) async throws {
        try await door.open(EngineSettings(repeatsOfCredential: 3)) { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxConcurrentWorkers: 64), in: workspace)
            func make(_ name: String, _ caller: Credential) async throws -> AgentTask.ID {
                let new = NewTask(workspaceID: workspace.id, title: name)
                return try await bed.service.createTask(new, as: caller.once(name)).id
            }
            let other = try await make("a", bed.admin)
            var made: [AgentTask.ID] = []
            for name in ["a", "b", "c", "d", "e"] { made.append(try await make(name, key)) }
            let kept = try await bed.database.read { try IdempotencyKey.all.all(in: $0) }
            #expect(Set(kept.map(\.key)) == ["a", "c", "d", "e"] && kept.count == 4)
            for (index, name) in ["c", "d", "e"].enumerated() {
                #expect(try await make(name, key) == made[index + 2])
            }
            #expect(try await make("a", bed.admin) == other)
            #expect(try await make("a", key) != made[0], "what was forgotten is done again")
            // Claims that find nothing keep no row, and together push out no more than one.
            let request = ClaimRequest(workspaceID: workspace.id, maxTasks: 64, runner: "r")
            _ = try await bed.service.claim(request, as: key)
            for number in 0..<5 {
                let nothing = try await bed.service.claim(request, as: key.once("\(number)"))
                #expect(nothing.workers.isEmpty)
            }
            #expect(try await make("e", key) == made[4])
        }
    }

    @Test(arguments: Door.direct)
    func `a key is forgotten after 24 hours`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let new = NewTask(workspaceID: workspace.id, title: "Daily")
            let first = try await bed.service.createTask(new, as: bed.admin.once("k"))
            bed.clock.advance(seconds: 24 * 3600 + 1)
            try await bed.reaper.tick()
            let second = try await bed.service.createTask(new, as: bed.admin.once("k"))
            #expect(first.id != second.id)
        }
    }

    @Test(arguments: Door.all)
    func `a repetition is asked for its right like the first time`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (account, key) = try await bed.account(in: workspace)
            let (_, second) = try await bed.account(NewAccount(name: "b", level: .admin))
            let new = NewTask(workspaceID: workspace.id, title: "Once")
            let task = try await bed.service.createTask(new, as: key.once("k"))
            _ = try await bed.service.createAccount(NewAccount(name: "x"), as: second.once("k"))
            _ = try await bed.service.cancelTask(task.id, as: key.once("k"))
            try await bed.task("taken", in: workspace)
            let request = ClaimRequest(runner: "r")
            #expect(try await bed.service.claim(request, as: key.once("k")).workers.count == 1)

            let none = Rights(canClaim: true, canCreate: false, canReview: false)
            _ = try await bed.service.grant(account.id, in: workspace.id, none, as: bed.admin)
            let made = try await bed.code {
                _ = try await bed.service.createTask(new, as: key.once("k"))
            }
            let cancelled = try await bed.code {
                _ = try await bed.service.cancelTask(task.id, as: key.once("k"))
            }
            #expect(made == .forbidden && cancelled == .forbidden)
            try await bed.service.revoke(account.id, in: workspace.id, as: bed.admin)
            let unseen = try await bed.code {
                _ = try await bed.service.createTask(new, as: key.once("k"))
            }
            #expect(unseen == .notFound)
            let again = try await bed.service.claim(request, as: key.once("k"))
            #expect(again.workers.isEmpty, "a link that ended shows nothing on")

            let me = try await bed.service.account(nil, as: second)
            let demoted = AccountChange(level: .worker)
            _ = try await bed.service.updateAccount(me.id, demoted, as: bed.admin)
            let refused = try await bed.code {
                _ = try await bed.service.createAccount(NewAccount(name: "x"), as: second.once("k"))
            }
            #expect(refused == .forbidden)
        }
    }

    @Test(arguments: Door.all)
    func `a token gets nothing of what its account or a sibling was answered`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<2 { try await bed.task("\(number)", in: workspace) }
            let (_, key) = try await bed.account(in: workspace)
            let request = ClaimRequest(maxTasks: 2, runner: "r")
            let workers = try await bed.service.claim(request, as: key.once("k")).workers
            try #require(workers.count == 2)
            let tokens = workers.map { Credential($0.token) }
            let claim = try await bed.code {
                _ = try await bed.service.claim(request, as: tokens[0].once("k"))
            }
            #expect(claim == .forbidden)
            let new = NewArtifact(type: .log, title: "log")
            let left = try await bed.service.addArtifact(
                new, of: workers[0].id, as: tokens[0].once("a"))
            let sibling = try await bed.code {
                _ = try await bed.service.addArtifact(
                    new, of: workers[0].id, as: tokens[1].once("a"))
            }
            #expect(sibling == .forbidden)
            _ = try await bed.service.report(workers[0].id, Report(status: .completed), as: key)
            let ended = try await bed.service.addArtifact(
                new, of: workers[0].id, as: tokens[0].once("a"))
            #expect(ended == left)
            let whole = try await bed.service.artifact(left.id, as: key)
            #expect(whole.artifact == left)
        }
    }

    @Test(arguments: Door.all)
    func `a key is answered again only while it is the account's, and is random and sealed`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let new = NewAccount(name: "ada")
            let made = try await bed.service.createAccount(new, as: bed.admin.once("k"))
            let again = try await bed.service.createAccount(new, as: bed.admin.once("k"))
            #expect(again == made && Credential(made.apiKey).isWellFormed)
            let kept = try await bed.database.read { snapshot in
                try IdempotencyKey.all.all(in: snapshot)
            }
            let row = try #require(kept.first)
            #expect(row.sealed != nil && !row.resource.canonicalText.contains(made.apiKey))
            let key = Credential(made.apiKey)
            let next = try await bed.service.rotateKey(of: made.account.id, as: key.once("r"))
            let old = try await bed.code {
                _ = try await bed.service.rotateKey(of: made.account.id, as: key.once("r"))
            }
            #expect(old == .keyUnknown)
            let renewed = try await bed.code {
                _ = try await bed.service.createAccount(new, as: bed.admin.once("k"))
            }
            #expect(renewed == .keyRenewed)
            let me = try await bed.service.account(nil, as: Credential(next.apiKey))
            #expect(me.id == made.account.id)
        }
    }
}
