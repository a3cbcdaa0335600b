import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("How an attempt ends, and how often")
struct AttemptEndTests {
    private func withTask(
        through door: Door,
        _ body: (TestBed, AgentTask, Workspace, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let task = try await bed.task(in: workspace) { $0.maxAttempts = 1 }
            let (_, key) = try await bed.account(in: workspace)
            try await body(bed, task, workspace, key)
        }
    }

    private func reread(_ bed: TestBed, _ task: AgentTask) async throws -> AgentTask {
        try await bed.service.task(task.id, with: [], as: bed.admin).task
    }

    @Test(arguments: Door.direct)
    func `what one account claims and releases lets no task fail`(
        through door: Door
    ) async throws {
        try await withTask(through: door) { bed, task, _, key in
            for _ in 0..<15 {
                let worker = try #require(
                    try await bed.claim(as: key) { $0.taskID = task.id }.first)
                #expect(worker.branch.hasSuffix("-\(worker.task.ends + 1)"))
                _ = try await bed.service.releaseTask(task.id, as: key)
                try await bed.pass(seconds: 60)
            }
            let after = try await reread(bed, task)
            #expect(after.status == .pending && after.ends == 15)
        }
    }

    @Test(arguments: Door.direct)
    func `ten times as many ends as attempts are the last, of accounts and of failures`(
        through door: Door
    ) async throws {
        try await withTask(through: door) { bed, task, workspace, key in
            for number in 0..<2 {
                let (_, other) = try await bed.account(NewAccount(name: "\(number)"), in: workspace)
                _ = try #require(try await bed.claim(as: other).first)
                _ = try await bed.service.releaseTask(task.id, as: other)
            }
            for end in 1...8 {
                let worker = try #require(try await bed.claim(as: key).first)
                let limited = Report(
                    status: .error, failureClass: .rateLimited, retryAfterSeconds: 1)
                _ = try await bed.service.report(worker.id, limited, as: key)
                #expect(try await reread(bed, task).status == (end == 8 ? .failed : .pending))
                try await bed.pass(seconds: 1)
            }
        }
    }

    @Test(arguments: Door.direct)
    func `a task that fails for good asks nothing any more`(through door: Door) async throws {
        try await withTask(through: door) { bed, task, _, key in
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            let asked = Report(status: .waitingInput, waitingFor: WaitingFor(prompt: "Shall I?"))
            _ = try await bed.service.report(worker.id, asked, as: key)
            _ = try await bed.service.report(worker.id, Report(status: .error), as: key)
            let after = try await reread(bed, task)
            #expect(after.status == .failed && after.openQuestions == 0)
            let open = try await bed.service.questions(
                QuestionFilter(taskID: task.id, open: true), .first, as: bed.admin)
            #expect(open.items.isEmpty)
        }
    }

    @Test(arguments: Door.all)
    func `a completion of a cancelled task is told so, and what it cost counts`(
        through door: Door
    ) async throws {
        try await withTask(through: door) { bed, task, _, key in
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            _ = try await bed.service.cancelTask(task.id, as: bed.admin)
            let done = Report(status: .completed, costUSD: "0.5", result: ["done": true])
            let told = try await bed.service.report(worker.id, done, as: key)
            #expect(told.stop == .cancelled)
            #expect(told.worker.status == .error && told.worker.failureClass == .cancelled)
            let after = try await reread(bed, task)
            #expect(after.status == .cancelled && after.result == nil)
            #expect(try await bed.service.account(nil, as: key).totalCost == "0.5")
        }
    }

    @Test(arguments: Door.all)
    func `an edit is told to the worker until it has arrived, and is an event`(
        through door: Door
    ) async throws {
        try await withTask(through: door) { bed, task, _, key in
            let worker = try #require(try await bed.claim(as: key).first)
            func say(_ progress: Int) async throws -> [String] {
                let report = Report(progress: progress, sequence: progress)
                return try await bed.service.report(worker.id, report, as: key).instructions
            }
            #expect(try await say(1).isEmpty)
            let change = TaskUpdate(title: "Another", priority: 5, maxCost: .at("5"))
            for _ in 0..<2 {
                let edited = try await bed.service.updateTask(task.id, change, as: bed.admin)
                #expect(edited.claimedBy == worker.task.claimedBy)
            }
            let beat = try await bed.service.heartbeat(worker.id, as: key).instructions
            #expect(beat.count == 1 && beat[0].contains("title, maxCost"))
            #expect(try await say(2) == beat)
            #expect(try await say(2) == beat, "the answer before may have been lost")
            #expect(try await say(3).isEmpty)
            let events = try await bed.database.read { snapshot in
                try snapshot.rows(
                    "SELECT data FROM events WHERE type = 'task.updated'", as: JSON.self)
            }
            #expect(events.count == 2)
            let names: [JSON] = [.string("title"), .string("priority"), .string("maxCost")]
            #expect(events.first?["changed"] == .array(names))
        }
    }
}
