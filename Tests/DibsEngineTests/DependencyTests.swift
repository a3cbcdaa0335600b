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
            let view = try await bed.service.task(task.id, with: [.blockers], as: key)
            #expect(view.blockers == [Blocker(id: dead.id, title: "dead", status: .cancelled)])
            let remedies = ["dibs task retry \(dead.id)", "--drop-depends-on \(dead.id)"]
            #expect(remedies.allSatisfy { gate?.hint?.contains($0) == true })
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

    @Test(arguments: Door.all)
    func `lists of edges have an end, on either side of them`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let task = try await bed.task(in: workspace)
            let many = (0...1000).map { _ in AgentTask.ID(UUID()) }
            for change in [TaskUpdate(addDependsOn: many), TaskUpdate(dropDependsOn: many)] {
                let code = try await bed.code {
                    _ = try await bed.service.updateTask(task.id, change, as: bed.admin)
                }
                #expect(code == .invalidField)
            }
        }
    }

    /// Tasks that wait for one, so many; made in one statement.
    private func waiting(
        _ count: Int, for task: AgentTask.ID, _ bed: TestBed
    ) async throws {
        try await bed.database.write { tx in
            try tx.execute(
                """
                INSERT INTO tasks (workspace_id, lane_id, title, open_dependencies)
                \(sqlite: """
                    WITH RECURSIVE n (i) AS (
                        SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                    SELECT workspace_id, lane_id, 'waits', 1 FROM n, tasks WHERE id = \(task)
                    """,
                postgres: """
                    SELECT workspace_id, lane_id, 'waits', 1
                    FROM generate_series(1, \(count)) i, tasks WHERE id = \(task)
                    """)
                """)
            try tx.execute(
                """
                INSERT INTO task_dependencies (task_id, depends_on_id)
                SELECT id, \(task) FROM tasks WHERE title = 'waits'
                """)
        }
    }

    private func stillWaiting(_ bed: TestBed) async throws -> Int {
        try await bed.database.read { snapshot in
            try snapshot.rows(
                "SELECT count(*) FROM tasks WHERE title = 'waits' AND open_dependencies > 0",
                as: Int.self)
        }.first ?? 0
    }

    @Test(arguments: Door.direct)
    func `any number may wait for one task, and its end lets them go in steps`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let popular = try await bed.task("popular", in: workspace)
            try await waiting(1100, for: popular.id, bed)
            let last = try await bed.task("one more", in: workspace) { $0.dependsOn = [popular.id] }
            #expect(last.openDependencies == 1)
            let worker = try #require(try await bed.claim(as: key).first)
            let ran = try await bed.database.statements.recorded {
                _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
            }
            #expect(ran.count < 40, "the number of statements does not grow with who waits")
            let left = try await stillWaiting(bed)
            #expect(left > 0 && left < 1100, "\(left) are left to the reaper")
            // Whoever comes now does not wait for what is completed, and may let go of it.
            let new = try await bed.task("new", in: workspace) { $0.dependsOn = [popular.id] }
            #expect(new.openDependencies == 0)
            let drop = TaskUpdate(dropDependsOn: [popular.id])
            let dropped = try await bed.service.updateTask(last.id, drop, as: bed.admin)
            #expect(dropped.openDependencies == 0)
            // The reaper of any server finds what is left, whoever died meanwhile.
            try await bed.reaper.tick()
            #expect(try await stillWaiting(bed) == 0)
            let after = try await bed.service.task(new.id, with: [], as: key).task
            #expect(after.openDependencies == 0)
            let countdowns = try await bed.database.read { try Countdown.all.count(in: $0) }
            #expect(countdowns == 0)
        }
    }

    @Test(arguments: Door.direct)
    func `two reapers at once let each task go once`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let popular = try await bed.task("popular", in: workspace)
            try await waiting(1100, for: popular.id, bed)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
            async let one = bed.reaper.tick()
            async let other = bed.reaper.tick()
            _ = try await (one, other)
            #expect(try await stillWaiting(bed) == 0)
        }
    }

    /// Ids of tasks in layers, in each of which every task waits for every one of the next.
    private func layers(
        _ count: Int, of width: Int, in workspace: Workspace, _ bed: TestBed
    ) async throws -> [[AgentTask.ID]] {
        var layers: [[AgentTask.ID]] = []
        for layer in 0..<count {
            var next: [AgentTask.ID] = []
            for number in 0..<width {
                let task = try await bed.task("\(layer) \(number)", in: workspace) {
                    $0.dependsOn = layers.last ?? []
                }
                next.append(task.id)
            }
            layers.append(next)
        }
        return layers
    }

    /// What the statements of a check cost that walk edges.
    private func costOfCheck(
        _ task: AgentTask.ID, waitsFor blocker: AgentTask.ID, _ bed: TestBed
    ) async throws -> (statements: Int, units: Int) {
        var code: ErrorCode?
        let ran = try await bed.database.statements.recorded {
            code = try await add(blocker, to: task, bed)
        }
        #expect(code == .dependencyCycle)
        let walks = ran.filter { $0.text.contains("FROM task_dependencies WHERE") }
        var units = 0
        for statement in walks { units += try await bed.database.cost(of: statement).units }
        return (walks.count, units)
    }

    @Test(arguments: Door.direct)
    func `a check reads each edge once, and costs as much as there are edges`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            var costs: [Double] = []
            for width in [5, 10, 20] {
                let layers = try await layers(8, of: width, in: workspace, bed)
                let cost = try await costOfCheck(
                    layers[0][0], waitsFor: layers[7][0], bed)
                #expect(cost.statements <= 8)
                costs.append(Double(cost.units) / Double(7 * width * width))
            }
            #expect(
                costs[2] <= 1.5 * costs[0], "what an edge costs, in nets of three widths: \(costs)")
        }
    }

    @Test(arguments: Door.direct)
    func `what is too dense to be checked is refused at once`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let top = try await bed.task("top", in: workspace)
            let bottom = try await bed.task("bottom", in: workspace)
            try await net(300, above: top.id, below: bottom.id, bed)
            #expect(try await add(bottom.id, to: top.id, bed) == .tooMany)
            let new = try await bed.task("new", in: workspace) { $0.dependsOn = [bottom.id] }
            #expect(new.openDependencies == 1, "a new task needs no check")
        }
    }

    /// Two nets of so many tasks, each of which waits for all that come before it: one whose
    /// tasks wait for `top`, and one for which `bottom` waits.
    private func net(
        _ count: Int, above top: AgentTask.ID, below bottom: AgentTask.ID, _ bed: TestBed
    ) async throws {
        try await bed.database.write { tx in
            for name in ["above", "below"] {
                try tx.execute(
                    """
                    INSERT INTO tasks (workspace_id, lane_id, title, priority)
                    \(sqlite: """
                        WITH RECURSIVE n (i) AS (
                            SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                        SELECT workspace_id, lane_id, \(name), i FROM n, tasks WHERE id = \(top)
                        """,
                    postgres: """
                        SELECT workspace_id, lane_id, \(name), i
                        FROM generate_series(1, \(count)) i, tasks WHERE id = \(top)
                        """)
                    """)
                try tx.execute(
                    """
                    INSERT INTO task_dependencies (task_id, depends_on_id)
                    SELECT a.id, b.id FROM tasks a JOIN tasks b ON b.priority < a.priority
                    WHERE a.title = \(name) AND b.title = \(name)
                    """)
            }
            try tx.execute(
                """
                INSERT INTO task_dependencies (task_id, depends_on_id)
                SELECT id, \(top) FROM tasks WHERE title = 'above'
                UNION ALL SELECT \(bottom), id FROM tasks WHERE title = 'below'
                """)
            try tx.execute(
                """
                UPDATE tasks SET open_dependencies = (
                    SELECT count(*) FROM task_dependencies d WHERE d.task_id = tasks.id)
                """)
        }
    }
}
