import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Testing

@Suite("Lanes in which nothing waits go, and use nothing up")
struct LaneSweepTests {
    private func lanes(_ bed: TestBed) async throws -> Int {
        try await bed.database.read { try Lane.all.count(in: $0) }
    }

    private func kind(_ number: Int) throws -> Capabilities { try Capabilities(["kind\(number)"]) }

    @Test(arguments: Door.direct)
    func `kinds of task that were made and deleted, or closed, leave room for others`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<230 {
                let task = try await bed.task("\(number)", in: workspace) {
                    $0.requiredCapabilities = (try? kind(number)) ?? .none
                }
                if number.isMultiple(of: 2) {
                    try await bed.service.deleteTask(task.id, as: bed.admin)
                } else {
                    _ = try await bed.service.cancelTask(task.id, as: bed.admin)
                }
            }
            #expect(try await lanes(bed) <= 221)
            for _ in 0..<6 { try await bed.reaper.tick() }
            #expect(try await lanes(bed) == 1, "the plain one stays")
        }
    }

    @Test(arguments: Door.direct)
    func `a 201st kind with open tasks in all others is refused`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<200 {
                try await bed.task("\(number)", in: workspace) {
                    $0.requiredCapabilities = (try? kind(number)) ?? .none
                }
            }
            let code = try await bed.code {
                try await bed.task("one more", in: workspace) {
                    $0.requiredCapabilities = (try? kind(200)) ?? .none
                }
            }
            #expect(code == .tooMany)
        }
    }

    @Test(arguments: Door.direct)
    func `a task whose lane went is claimed when it is tried again`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let gpu = try kind(7)
            let task = try await bed.task(in: workspace) { $0.requiredCapabilities = gpu }
            _ = try await bed.service.cancelTask(task.id, as: bed.admin)
            for _ in 0..<3 { try await bed.reaper.tick() }
            _ = try await bed.service.retryTask(task.id, as: bed.admin)
            #expect(try await bed.claim(as: key).isEmpty)
            let found = try await bed.claim(as: key) { $0.capabilities = gpu }
            #expect(found.map(\.taskID) == [task.id])
        }
    }

    @Test(arguments: Door.direct)
    func `creators and the sweep meet without losing a task`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let gpu = try kind(7)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<40 {
                        let task = try await bed.task("\(number)", in: workspace) {
                            $0.requiredCapabilities = gpu
                        }
                        _ = try await bed.service.cancelTask(task.id, as: bed.admin)
                        if number.isMultiple(of: 3) {
                            _ = try await bed.service.retryTask(task.id, as: bed.admin)
                            _ = try await bed.service.cancelTask(task.id, as: bed.admin)
                        }
                    }
                }
                for _ in 0..<2 {
                    group.addTask { for _ in 0..<60 { try await bed.reaper.tick() } }
                }
                try await group.waitForAll()
            }
            let tasks = try await bed.database.read { try AgentTask.all.count(in: $0) }
            #expect(tasks == 40)
        }
    }
}
