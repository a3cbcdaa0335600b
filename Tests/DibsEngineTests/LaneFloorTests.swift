import DibsCore
import DibsData
import DibsJSON
import DibsTesting
import Foundation
import Testing

@testable import DibsEngine

@Suite("A claim does not miss what was opened behind where it looks")
struct LaneFloorTests {
    /// A lane with ten tasks, of which one was claimed, so that its start is known to be taken.
    private func withLane(
        _ body: (TestBed, Workspace, Credential) async throws -> Void
    ) async throws {
        try await Door.engineOnPostgres.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "a", maxConcurrentWorkers: 100), in: workspace)
            for number in 0..<10 {
                try await bed.task("\(number)", in: workspace) { $0.priority = 5 }
                bed.clock.advance(seconds: 0.001)
            }
            #expect(try await bed.claim(as: key).map(\.task.title) == ["0"])
            try await body(bed, workspace, key)
        }
    }

    @Test func `a task that is claimed by its id hides none before it`() async throws {
        try await withLane { bed, _, key in
            let page = try PageRequest(limit: 20)
            let tasks = try await bed.service.tasks(TaskFilter(), page, as: bed.admin).items
            let fifth = tasks.map(\.task).first { $0.title == "5" }
            let named = try await bed.claim(as: key) { $0.taskID = fifth?.id }
            let next = try await bed.claim(as: key)
            #expect((named + next).map(\.task.title) == ["5", "1"])
        }
    }

    @Test func `what this server opens is there at once`() async throws {
        try await withLane { bed, workspace, key in
            let blocker = try await bed.task("blocker", in: workspace)
            let urgent = try await bed.task("blocked", in: workspace) {
                $0.priority = 8
                $0.dependsOn = [blocker.id]
            }
            try await bed.task("new", in: workspace) { $0.priority = 9 }
            #expect(try await bed.claim(as: key).map(\.task.title) == ["new"])

            let worker = try await bed.claim(as: key) { $0.taskID = blocker.id }
            let id = try #require(worker.first?.id)
            #expect(try await bed.claim(as: key).map(\.task.title) == ["1"])
            _ = try await bed.service.report(id, Report(status: .running), as: key)
            _ = try await bed.service.report(id, Report(status: .completed), as: key)
            let freed = try await bed.claim(as: key)
            #expect(freed.map(\.task.title) == ["blocked"])

            _ = try await bed.service.releaseTask(urgent.id, as: bed.admin)
            let (_, other) = try await bed.account(NewAccount(name: "other"), in: workspace)
            #expect(try await bed.claim(as: other).first?.taskID == urgent.id)

            let change = TaskUpdate(priority: 7)
            let last = try await bed.service.tasks(TaskFilter(), .first, as: bed.admin).items
                .first { $0.task.title == "9" }
            let edited = try #require(last?.task.id)
            _ = try await bed.service.updateTask(edited, change, as: bed.admin)
            #expect(try await bed.claim(as: key) { $0.runner = "b" }.first?.taskID == edited)
        }
    }

    @Test func `what another server opens is there within a second`() async throws {
        try await withLane { bed, workspace, key in
            let other = try await Engine.open(bed.database, secret: TestBed.secret)
            let new = NewTask(workspaceID: workspace.id, title: "urgent", priority: 9)
            _ = try await other.createTask(new, as: bed.admin)
            // Were it there at once, this lane had no floor, and there were nothing to trust.
            #expect(try await bed.claim(as: key).map(\.task.title) == ["1"])
            bed.clock.advance(seconds: 1)
            #expect(try await bed.claim(as: key).map(\.task.title) == ["urgent"])
        }
    }

    /// Claims that read from their floor must not make it look young.
    @Test func `and also when claims come all the time`() async throws {
        try await withLane { bed, workspace, key in
            let other = try await Engine.open(bed.database, secret: TestBed.secret)
            let new = NewTask(workspaceID: workspace.id, title: "urgent", priority: 9)
            _ = try await other.createTask(new, as: bed.admin)
            var titles: [String] = []
            for _ in 0..<4 {
                titles += try await bed.claim(as: key).map(\.task.title)
                bed.clock.advance(seconds: 0.4)
            }
            #expect(titles == ["1", "2", "3", "urgent"])
        }
    }

    /// A claim has looked and taken; before it is durable, a task is opened behind its look.
    @Test func `a claim that was overtaken by an opening raises no floor`() {
        let (lane, now) = (Lane.ID(UUID()), Date(milliseconds: 1_795_512_600_000))
        func look(_ view: LaneFloors.View, taking rank: TimeInterval) -> LaneFloors.Look {
            let found = [rank, rank + 1].map { rank in
                Candidates.Candidate(
                    task: AgentTask.ID(UUID()), workspace: Workspace.ID(UUID()), maxCost: nil,
                    lane: lane, rank: now.addingTimeInterval(rank))
            }
            return LaneFloors.Look(view, fromFloor: [], found: found, taken: [found[0].task])
        }
        func floors(_ floors: LaneFloors) -> [TimeInterval] {
            floors.view(at: now).trusted.map { $0.rank.timeIntervalSince(now) }
        }
        let quiet = LaneFloors()
        quiet.raise(look(quiet.view(at: now), taking: 5))
        #expect(floors(quiet) == [6])
        quiet.opened(lane, now.addingTimeInterval(2))
        #expect(floors(quiet) == [2], "an opening lowers it")

        let overtaken = LaneFloors()
        let before = look(overtaken.view(at: now), taking: 5)
        overtaken.opened(lane, now.addingTimeInterval(2))
        overtaken.raise(before)
        #expect(floors(overtaken) == [])
        overtaken.raise(look(overtaken.view(at: now), taking: 2))
        #expect(floors(overtaken) == [3])
    }

    @Test func `and at once when there is little else`() async throws {
        try await withLane { bed, workspace, key in
            _ = try await bed.claim(as: key) { $0.maxTasks = 8 }
            let other = try await Engine.open(bed.database, secret: TestBed.secret)
            let new = NewTask(workspaceID: workspace.id, title: "urgent", priority: 9)
            _ = try await other.createTask(new, as: bed.admin)
            #expect(try await bed.claim(as: key).map(\.task.title) == ["urgent"])
        }
    }
}
