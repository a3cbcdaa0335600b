import DibsCore
import DibsTesting
import Foundation
import Testing

/// Work that goes on as fast as it is answered, and the list of what was acknowledged, over all
/// lives of a server.
actor AcknowledgedWork {
    private(set) var added: Set<AgentTask.ID> = []
    private(set) var claimed: Set<Worker.ID> = []
    private(set) var completed: Set<AgentTask.ID> = []
    private var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    private var count = 0

    private typealias Acknowledged = (
        added: Set<AgentTask.ID>, claimed: Set<Worker.ID>, completed: Set<AgentTask.ID>
    )
    /// What was acknowledged since the last look.
    private var fresh: Acknowledged = ([], [], [])

    private func add(_ task: AgentTask.ID) {
        note {
            added.insert(task)
            fresh.added.insert(task)
        }
    }

    private func claim(_ worker: Worker.ID) {
        note {
            claimed.insert(worker)
            fresh.claimed.insert(worker)
        }
    }

    private func complete(_ task: AgentTask.ID) {
        note {
            completed.insert(task)
            fresh.completed.insert(task)
        }
    }

    private func note(_ change: () -> Void) {
        change()
        count += 1
        if let waiting, count >= waiting.count {
            self.waiting = nil
            waiting.continuation.resume()
        }
    }

    /// Returns when so many more were acknowledged; throws when the test is given up.
    func more(_ more: Int) async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting = (count + more, $0) }
        } onCancel: {
            Task { await self.giveUp() }
        }
        try Task.checkCancellation()
    }

    private func giveUp() {
        waiting?.continuation.resume()
        waiting = nil
    }

    /// The admin of every server that is worked with here.
    static let key = Credential("dibs_" + String(repeating: "c", count: 43))

    /// Eight callers add, claim and complete until one of them is refused; throws what it was told.
    nonisolated func go(on service: any DibsService, in workspace: Workspace) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    while true { try await self.step(on: service, in: workspace, caller) }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Adds a task, and completes the one that it gets.
    nonisolated func step(
        on service: any DibsService, in workspace: Workspace, _ caller: Int
    ) async throws {
        let new = NewTask(workspaceID: workspace.id, title: UUID().uuidString)
        await add(try await service.createTask(new, as: Self.key).id)
        let request = ClaimRequest(runner: "caller \(caller)")
        for worker in try await service.claim(request, as: Self.key).workers {
            await claim(worker.id)
            let done = Report(status: .completed, costUSD: "0.01")
            _ = try await service.report(worker.id, done, as: Credential(worker.token))
            await complete(worker.taskID)
        }
    }

    /// The workspace of the work, made in the first life.
    nonisolated func workspace(of service: any DibsService) async throws -> Workspace {
        let found = try await service.workspaces(named: "crash", .first, as: Self.key)
        if let workspace = found.items.first { return workspace }
        let me = try await service.account(nil, as: Self.key)
        _ = try await service.updateAccount(
            me.id, AccountChange(maxConcurrentWorkers: 100_000), as: Self.key)
        return try await service.createWorkspace(NewWorkspace(name: "crash"), as: Self.key)
    }

    /// What was acknowledged until now and is not there, or is there twice; empty when all is well.
    ///
    /// With `lately` only what was acknowledged since the last look is looked for, among the newest
    /// 200 of a kind.
    func losses(at service: any DibsService, lately: Bool = false) async throws -> [String] {
        let here = lately ? fresh : (added: added, claimed: claimed, completed: completed)
        let tasks = try await tasks(of: service, all: !lately)
        let workers = try await workers(of: service, all: !lately)
        fresh = (
            fresh.added.subtracting(here.added), fresh.claimed.subtracting(here.claimed),
            fresh.completed.subtracting(here.completed)
        )
        let byID = Dictionary(tasks.map { ($0.id, $0) }) { first, _ in first }
        var losses = here.added.filter { byID[$0] == nil }.map { "task \($0)" }
        let done = workers.filter { $0.status == .completed }.map(\.taskID)
        losses += here.completed.subtracting(done).map { "completion \($0)" }
        losses += here.completed.compactMap { byID[$0] }.filter { $0.status != .completed }
            .map { "completion of \($0)" }
        losses += here.claimed.subtracting(workers.map(\.id)).map { "worker \($0)" }
        if Set(tasks.map(\.title)).count < tasks.count { losses.append("a task is there twice") }
        if Set(done).count < done.count { losses.append("a task was completed twice") }
        return losses
    }

    /// Whether the ledger has a cent for each completion, no more and no less; nobody works.
    nonisolated func isPaid(at service: any DibsService) async throws -> Bool {
        let done = try await workers(of: service, all: true).filter { $0.status == .completed }
        let cents = try done.reduce(USD.zero) { sum, _ in try sum + "0.01" }
        return try await service.account(nil, as: Self.key).totalCost == cents
    }

    private nonisolated func workers(
        of service: any DibsService, all: Bool
    ) async throws -> [Worker] {
        try await pages(all) { try await service.workers(WorkerFilter(), $0, as: Self.key) }
    }

    private nonisolated func tasks(
        of service: any DibsService, all: Bool
    ) async throws -> [AgentTask] {
        try await pages(all) { try await service.tasks(TaskFilter(), $0, as: Self.key) }.map(\.task)
    }

    /// The first page, newest first, or all of them.
    private nonisolated func pages<T>(
        _ all: Bool, _ read: (PageRequest) async throws -> Page<T>
    ) async throws -> [T] {
        var page = try await read(PageRequest(limit: 200))
        var found = page.items
        while all, let cursor = page.nextCursor {
            page = try await read(PageRequest(limit: 200, cursor: cursor))
            found += page.items
        }
        return found
    }
}
