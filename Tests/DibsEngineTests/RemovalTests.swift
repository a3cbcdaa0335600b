import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Only what no history hangs on is removed; the rest is closed or put away")
struct RemovalTests {
    @Test(arguments: Door.all)
    func `a task that was never claimed is removed, one that was is not`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            let unused = try await bed.task("unused", in: workspace)
            let waiting = try await bed.task("waiting", in: workspace) {
                $0.dependsOn = [unused.id]
            }
            let blocked = try await bed.code {
                try await bed.service.deleteTask(unused.id, as: key)
            }
            #expect(blocked == .inUse)
            try await bed.service.deleteTask(waiting.id, as: key)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(
                worker.id, Report(status: .completed, costUSD: "0.1"), as: key)
            let used = try await bed.code { try await bed.service.deleteTask(unused.id, as: key) }
            #expect(used == .inUse)
            let gone = try await bed.code {
                _ = try await bed.service.task(waiting.id, with: [], as: key)
            }
            #expect(gone == .notFound)
        }
    }

    @Test(arguments: Door.all)
    func `only a closed task is put away, and lists leave it out`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let task = try await bed.task(in: workspace)
            let away = TaskUpdate(archived: true)
            let open = try await bed.code {
                _ = try await bed.service.updateTask(task.id, away, as: bed.admin)
            }
            #expect(open == .illegalTransition)
            _ = try await bed.service.cancelTask(task.id, as: bed.admin)
            _ = try await bed.service.updateTask(task.id, away, as: bed.admin)
            let listed = try await bed.service.tasks(TaskFilter(), .first, as: bed.admin).items
            #expect(listed.isEmpty)
            let put = TaskFilter(archived: true)
            let found = try await bed.service.tasks(put, .first, as: bed.admin).items
            #expect(found.map(\.task.id) == [task.id])
            // Trying it again takes it out.
            let again = try await bed.service.retryTask(task.id, as: bed.admin)
            #expect(again.archivedAt == nil)
        }
    }

    @Test(arguments: Door.all)
    func `an account is removed before its first claim and closed after`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (unused, _) = try await bed.account(in: workspace)
            let (account, key) = try await bed.account(in: workspace)
            try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(
                worker.id, Report(status: .completed, costUSD: "0.5"), as: key)
            try await bed.service.deleteAccount(unused.id, as: bed.admin)
            let used = try await bed.code {
                try await bed.service.deleteAccount(account.id, as: bed.admin)
            }
            #expect(used == .inUse)
            let close = AccountChange(closed: true)
            let closed = try await bed.service.updateAccount(account.id, close, as: bed.admin)
            #expect(closed.closedAt != nil)
            #expect(try await bed.code { _ = try await bed.claim(as: key) } == .accountClosed)
            // Its ledger is as it was.
            let spending = try await bed.service.spending(
                of: account.id, days: 1, as: bed.admin)
            #expect(spending.spent == "0.5")
            let open = AccountChange(closed: false)
            _ = try await bed.service.updateAccount(account.id, open, as: bed.admin)
            #expect(try await bed.claim(as: key).isEmpty)
        }
    }

    @Test(arguments: Door.all)
    func `the worker of an account that is closed goes on to its end, and its bill with it`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (account, key) = try await bed.account(in: workspace)
            let task = try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            let token = Credential(worker.token)
            let close = AccountChange(closed: true)
            _ = try await bed.service.updateAccount(account.id, close, as: bed.admin)
            _ = try await bed.service.heartbeat(worker.id, as: token)
            _ = try await bed.service.report(
                worker.id, Report(status: .completed, costUSD: "0.5"), as: token)
            _ = try await bed.service.addCost(NewCost(amount: "0.25"), of: worker.id, as: token)
            let done = try await bed.service.task(task.id, with: [], as: bed.admin)
            #expect(done.task.status == .completed)
            let spending = try await bed.service.spending(
                of: account.id, days: 1, as: bed.admin)
            #expect(spending.spent == "0.75")
        }
    }

    @Test(arguments: Door.all)
    func `the last admin can be neither closed, removed nor made a worker`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let id = try await bed.service.account(nil, as: bed.admin).id
            for change in [AccountChange(closed: true), AccountChange(level: .worker)] {
                let code = try await bed.code {
                    _ = try await bed.service.updateAccount(id, change, as: bed.admin)
                }
                #expect(code == .inUse)
            }
            let removed = try await bed.code {
                try await bed.service.deleteAccount(id, as: bed.admin)
            }
            #expect(removed == .inUse)
        }
    }

    @Test(arguments: Door.all)
    func `a new key opens at once, and the old one nothing`(through door: Door) async throws {
        try await door.open { bed in
            let (account, key) = try await bed.account()
            let made = try await bed.service.rotateKey(of: account.id, as: key)
            let old = try await bed.code { _ = try await bed.service.account(nil, as: key) }
            #expect(old == .keyUnknown)
            let mine = try await bed.service.account(nil, as: Credential(made.apiKey))
            #expect(mine.id == account.id)
            let others = try await bed.code {
                let admin = try await bed.service.account(nil, as: bed.admin).id
                _ = try await bed.service.rotateKey(of: admin, as: Credential(made.apiKey))
            }
            #expect(others == .notFound)
        }
    }

    @Test(arguments: Door.all)
    func `a workspace is removed before its first claim and closed after`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let unused = try await bed.workspace("unused")
            try await bed.task(in: unused) { $0.requiredCapabilities = .none }
            try await bed.service.deleteWorkspace(unused.id, as: bed.admin)
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            try await bed.task("first", in: workspace)
            try await bed.task("second", in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            let used = try await bed.code {
                try await bed.service.deleteWorkspace(workspace.id, as: bed.admin)
            }
            #expect(used == .inUse)
            let close = WorkspaceChange(closed: true)
            _ = try await bed.service.updateWorkspace(workspace.id, close, as: bed.admin)
            // What is at work goes on; nothing new begins.
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
            #expect(try await bed.claim(as: key).isEmpty)
            let added = try await bed.code { try await bed.task("third", in: workspace) }
            #expect(added == .forbidden)
        }
    }

    @Test(arguments: Door.all)
    func `who waits for an answer in a workspace that is closed goes on once it has it`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.maxWorkers = 1 }
            let (_, key) = try await bed.account(in: workspace)
            try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            let asks = Report(
                status: .waitingInput, waitingFor: WaitingFor(prompt: "Which one?"))
            _ = try await bed.service.report(worker.id, asks, as: key)
            _ = try await bed.service.updateWorkspace(
                workspace.id, WorkspaceChange(closed: true), as: bed.admin)
            _ = try await bed.service.answer(
                worker.id, NewAnswer(answer: "the left one"), as: bed.admin)
            let told = try await bed.service.heartbeat(worker.id, as: key)
            #expect(told.answers.map(\.answer) == ["the left one"] && told.stop == nil)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            let busy = try await bed.service.workspace(workspace.id, as: bed.admin)
            #expect(busy.activeWorkers == 1, "it has its place again")
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
        }
    }

    @Test(arguments: Door.all)
    func `a task that spawned others is removed, and they stay without a parent`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let parent = try await bed.task("parent", in: workspace)
            let child = try await bed.task("child", in: workspace) { $0.parentTaskID = parent.id }
            let elsewhere = try await bed.workspace("elsewhere")
            let foreign = try await bed.code {
                try await bed.task(in: elsewhere) { $0.parentTaskID = parent.id }
            }
            #expect(foreign == .notFound, "a parent is of the same workspace")
            try await bed.service.deleteTask(parent.id, as: bed.admin)
            let left = try await bed.service.task(child.id, with: [], as: bed.admin)
            #expect(left.task.parentTaskID == nil)
        }
    }

    @Test(arguments: Door.direct)
    func `any number of children is let go, so many at a time`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let parent = try await bed.task("parent", in: workspace)
            _ = try await bed.database.write { tx in
                try tx.execute(
                    """
                    INSERT INTO tasks (workspace_id, lane_id, title, parent_task_id)
                    SELECT workspace_id, lane_id, 'child', id FROM (
                        \(sqlite: """
                            WITH RECURSIVE n (i) AS (
                                SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                            SELECT t.* FROM n, tasks t
                            """,
                        postgres: "SELECT t.* FROM generate_series(1, 2500), tasks t")) x
                    """)
            }
            try await bed.service.deleteTask(parent.id, as: bed.admin)
            let children = try await bed.database.read { try AgentTask.all.count(in: $0) }
            #expect(children == 2500)
        }
    }
}
