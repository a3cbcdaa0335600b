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
}
