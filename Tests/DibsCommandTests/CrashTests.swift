import DibsClient
import DibsCore
import DibsTesting
import Foundation
import Subprocess
import Testing

@Suite("A server that is killed loses nothing it has acknowledged", .timeLimit(.minutes(10)))
struct CrashTests {
    /// What was acknowledged, over all lives of the server.
    private actor Acknowledged {
        private(set) var added: Set<AgentTask.ID> = []
        private(set) var claimed: Set<Worker.ID> = []
        private(set) var completed: Set<AgentTask.ID> = []
        private var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
        private var count = 0

        func add(_ task: AgentTask.ID) { note { added.insert(task) } }
        func claim(_ worker: Worker.ID) { note { claimed.insert(worker) } }
        func complete(_ task: AgentTask.ID) { note { completed.insert(task) } }

        private func note(_ change: () -> Void) {
            change()
            count += 1
            if let waiting, count >= waiting.count {
                self.waiting = nil
                waiting.continuation.resume()
            }
        }

        /// Returns when so many more were acknowledged.
        func more(_ more: Int) async {
            await withCheckedContinuation { waiting = (count + more, $0) }
        }
    }

    private static let key = Credential("dibs_admin_of_the_crash_test")

    /// Adds, claims and completes until the server is gone.
    private func load(
        _ service: any DibsService, in workspace: Workspace, _ seen: Acknowledged
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    while true {
                        let new = NewTask(workspaceID: workspace.id, title: UUID().uuidString)
                        await seen.add(try await service.createTask(new, as: Self.key).id)
                        let request = ClaimRequest(runner: "caller \(caller)")
                        for worker in try await service.claim(request, as: Self.key).workers {
                            await seen.claim(worker.id)
                            let token = Credential(worker.token)
                            let done = Report(status: .completed, costUSD: "0.01")
                            _ = try await service.report(worker.id, done, as: token)
                            await seen.complete(worker.taskID)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func workspace(of service: any DibsService) async throws -> Workspace {
        let found = try await service.workspaces(named: "crash", .first, as: Self.key)
        if let workspace = found.items.first { return workspace }
        let me = try await service.account(nil, as: Self.key)
        _ = try await service.updateAccount(
            me.id, AccountChange(maxConcurrentWorkers: 100_000), as: Self.key)
        return try await service.createWorkspace(NewWorkspace(name: "crash"), as: Self.key)
    }

    /// Every task there is, by id; throws when one is there twice.
    private func tasks(of service: any DibsService) async throws -> [AgentTask.ID: AgentTask] {
        var all: [AgentTask.ID: AgentTask] = [:]
        var page = try await service.tasks(
            TaskFilter(), PageRequest(limit: 200), as: Self.key)
        while true {
            for view in page.items {
                #expect(all.updateValue(view.task, forKey: view.task.id) == nil)
            }
            guard let cursor = page.nextCursor else { return all }
            page = try await service.tasks(
                TaskFilter(), PageRequest(limit: 200, cursor: cursor), as: Self.key)
        }
    }

    private func check(_ service: any DibsService, _ seen: Acknowledged) async throws {
        let tasks = try await tasks(of: service)
        #expect(await seen.added.isSubset(of: tasks.keys))
        #expect(Set(tasks.values.map(\.title)).count == tasks.count, "nothing is there twice")
        for id in await seen.completed { #expect(tasks[id]?.status == .completed) }
        for id in await seen.claimed.shuffled().prefix(20) {
            _ = try await service.worker(id, as: Self.key)
        }
    }

    @Test func `kill -9 under load, 50 times`() async throws {
        try await withProgram { program, folder in
            let database = "sqlite:" + folder.path(percentEncoded: false) + "/a.sqlite"
            let serve = ["serve", "--port", "0", "--database", database]
            let admin = ["DIBS_ADMIN_KEY": Self.key.secret]
            let seen = Acknowledged()
            for _ in 0..<50 {
                try await program.running(
                    serve, with: admin, until: "listens on", ending: .kill
                ) { line in
                    let address = try #require(line.firstMatch(of: /http:\S+/)).output
                    let service = try HTTPDibsService(String(address))
                    let workspace = try await workspace(of: service)
                    Task {
                        let error = try await failure(as: DibsError.self) {
                            try await load(service, in: workspace, seen)
                        }
                        #expect(error?.code == .serverUnreachable)
                    }
                    await seen.more(Int.random(in: 1...60))
                }
            }
            try await program.running(serve, with: admin, until: "listens on") { line in
                let address = try #require(line.firstMatch(of: /http:\S+/)).output
                try await check(HTTPDibsService(String(address)), seen)
            }
            let doctor = try await program.run("doctor", "--database", database)
            #expect(doctor.status == .exited(0), "\(doctor.output)")
            #expect(await seen.completed.count > 50)
        }
    }
}
