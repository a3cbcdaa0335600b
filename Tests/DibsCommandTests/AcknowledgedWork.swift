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

    private func add(_ task: AgentTask.ID) { note { added.insert(task) } }
    private func claim(_ worker: Worker.ID) { note { claimed.insert(worker) } }
    private func complete(_ task: AgentTask.ID) { note { completed.insert(task) } }

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
    static let key = Credential("dibs_admin_of_the_crash_test")

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
    func losses(at service: any DibsService) async throws -> [String] {
        let (added, claimed, completed) = (added, claimed, completed)
        let tasks = try await tasks(of: service)
        let workers = try await workers(of: service)
        let byID = Dictionary(tasks.map { ($0.id, $0) }) { first, _ in first }
        var losses = added.filter { byID[$0] == nil }.map { "task \($0)" }
        losses += completed.filter { byID[$0]?.status != .completed }.map { "completion \($0)" }
        losses += claimed.subtracting(workers.map(\.id)).map { "worker \($0)" }
        if Set(tasks.map(\.title)).count < tasks.count { losses.append("a task is there twice") }
        let done = workers.filter { $0.status == .completed }.map(\.taskID)
        if Set(done).count < done.count { losses.append("a task was completed twice") }
        return losses
    }

    /// Whether the ledger has a cent for each completion, no more and no less; nobody works.
    nonisolated func isPaid(at service: any DibsService) async throws -> Bool {
        let done = try await workers(of: service).filter { $0.status == .completed }
        let cents = try done.reduce(USD.zero) { sum, _ in try sum + "0.01" }
        return try await service.account(nil, as: Self.key).totalCost == cents
    }

    private nonisolated func workers(of service: any DibsService) async throws -> [Worker] {
        var all: [Worker] = []
        var page = try PageRequest(limit: 200)
        while true {
            let next = try await service.workers(WorkerFilter(), page, as: Self.key)
            all += next.items
            guard let cursor = next.nextCursor else { return all }
            page = try PageRequest(limit: 200, cursor: cursor)
        }
    }

    private nonisolated func tasks(of service: any DibsService) async throws -> [AgentTask] {
        var all: [AgentTask] = []
        var page = try await service.tasks(
            TaskFilter(), PageRequest(limit: 200), as: Self.key)
        while true {
            all += page.items.map(\.task)
            guard let cursor = page.nextCursor else { return all }
            page = try await service.tasks(
                TaskFilter(), PageRequest(limit: 200, cursor: cursor), as: Self.key)
        }
    }
}
