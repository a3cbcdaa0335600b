import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Tasks wait for each other, and never in a circle")
struct DependencyTests {
    private func add(
        _ blocker: AgentTask.ID, to task: AgentTask.ID, _ bed: TestBed
    ) async throws -> ErrorCode? {
        try await bed.code {
            let change = TaskUpdate(addDependsOn: [blocker])
            _ = try await bed.service.updateTask(task, change, as: bed.admin)
        }
    }

    @Test(arguments: Door.all)
    func `a circle of any length is refused and changes nothing`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            var chain = [try await bed.task("0", in: workspace)]
            for number in 1..<6 {
                let last = chain[number - 1].id
                chain.append(
                    try await bed.task("\(number)", in: workspace) { $0.dependsOn = [last] })
            }
            #expect(try await add(chain[5].id, to: chain[0].id, bed) == .dependencyCycle)
            #expect(try await add(chain[0].id, to: chain[0].id, bed) == .dependencyCycle)
            #expect(try await add(chain[0].id, to: chain[5].id, bed) == nil)
            let first = try await bed.service.task(chain[0].id, with: [], as: bed.admin).task
            let last = try await bed.service.task(chain[5].id, with: [], as: bed.admin).task
            #expect(first.openDependencies == 0 && last.openDependencies == 2)
        }
    }

    @Test(arguments: Door.all)
    func `a person may drop what a task waits for`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let dead = try await bed.task("dead", in: workspace)
            let task = try await bed.task(in: workspace) { $0.dependsOn = [dead.id] }
            _ = try await bed.service.cancelTask(dead.id, as: bed.admin)
            // Cancelled is not completed: it goes on waiting, and why says for what.
            #expect(try await bed.claim(as: key).isEmpty)
            let why = try await bed.service.why(task.id, Claimer(), as: key)
            let gate = why.gates.first { !$0.isOpen }
            #expect(gate?.name == .dependencies && gate?.hint?.contains("dead (cancelled)") == true)
            let drop = TaskUpdate(dropDependsOn: [dead.id])
            let free = try await bed.service.updateTask(task.id, drop, as: bed.admin)
            #expect(free.openDependencies == 0)
            #expect(try await bed.claim(as: key).map(\.taskID) == [task.id])
        }
    }

    /// Two checks that do not see each other's edge would both pass.
    @Test(arguments: Door.direct)
    func `of two edges that would close a circle at once only one is made`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<20 {
                let one = try await bed.task("\(number) one", in: workspace)
                let two = try await bed.task("\(number) two", in: workspace)
                async let there = add(one.id, to: two.id, bed)
                async let back = add(two.id, to: one.id, bed)
                let codes = try await [there, back]
                #expect(Set(codes) == [nil, .dependencyCycle])
            }
        }
    }

    /// The count must be true whether the edge or the completion comes first.
    @Test(arguments: Door.direct)
    func `an edge to a task that is being completed is counted right`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            for number in 0..<20 {
                let blocker = try await bed.task("\(number)", in: workspace) { $0.priority = 9 }
                let worker = try #require(try await bed.claim(as: key).first)
                #expect(worker.taskID == blocker.id)
                let task = try await bed.task("after \(number)", in: workspace)
                async let edge = add(blocker.id, to: task.id, bed)
                async let end = bed.service.report(worker.id, Report(status: .completed), as: key)
                _ = try await (edge, end)
                let after = try await bed.service.task(task.id, with: [], as: key).task
                #expect(after.openDependencies == 0)
            }
        }
    }

    /// Nobody counts the workers of a workspace that has no limit, so the first limit must.
    @Test(arguments: Door.direct)
    func `a first limit of a workspace counts the workers that are there`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxConcurrentWorkers: 99), in: workspace)
            for number in 0..<30 { try await bed.task("\(number)", in: workspace) }
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<12 {
                    group.addTask { try await bed.claim(as: key).count }
                }
                group.addTask {
                    let change = WorkspaceChange(maxWorkers: 40)
                    _ = try await bed.service.updateWorkspace(
                        workspace.id, change, as: bed.admin)
                    return 0
                }
                return try await group.reduce(0, +)
            }
            let live = WorkerFilter(live: true)
            let workers = try await bed.service.workers(live, .first, as: key).items
            let after = try await bed.service.workspace(workspace.id, as: key)
            #expect(taken == 12 && workers.count == 12 && after.activeWorkers == 12)
        }
    }
}
