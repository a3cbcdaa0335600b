import DibsCore
import DibsJSON
import DibsTesting
import Foundation
import Synchronization
import Testing

@testable import DibsRunner

@Suite("A runner: claim, work, report", .timeLimit(.minutes(5)))
struct RunnerTests {
    /// An installation with a repository, a task, and a runner for a script.
    private func withRunner(
        _ script: String, clock: any Clock<Duration> = .continuous,
        tell: @escaping @Sendable (RunnerEvent) -> Void = { _ in },
        _ body: (TestBed, AgentTask, Runner, Credential) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            try await makeRepository(at: folder)
            try await Door.overHTTP.open { bed in
                let workspace = try await bed.workspace {
                    $0.localPath = folder.path(percentEncoded: false)
                }
                let task = try await bed.task("Fix it", in: workspace) { $0.description = "All." }
                let (_, key) = try await bed.account(in: workspace)
                let options = RunnerOptions(
                    name: "test", key: key, url: bed.address, command: ["sh", "-ec", script],
                    once: true, folder: folder.appending(path: ".work"), grace: .seconds(2),
                    clock: clock)
                let runner = Runner(bed.service, options, tell: tell)
                try await body(bed, task, runner, key)
            }
        }
    }

    @Test func `exit 0 completes the task, with its commits and a diff`() async throws {
        let script = """
            test "$DIBS_TASK_TITLE" = "Fix it"
            sed "1,/^$DIBS_TASK_MARK task/d" | { read -r title; test "$title" = "Fix it"; }
            grep -q '"title":"Fix it"' "$DIBS_TASK_FILE"
            if grep -q "$DIBS_TOKEN" "$DIBS_TASK_FILE"; then exit 9; fi
            ls -l "$DIBS_TASK_FILE" | grep -q '^-rw-------'
            echo "$DIBS_REPORT progress 50 Half way"; echo "$DIBS_REPORT milestone Begun"
            echo "$DIBS_REPORT cost 0.25"; echo "::dibs cost 8999999990"
            echo change >> file; git commit -qam "Change it"
            """
        try await withRunner(script) { bed, task, runner, key in
            #expect(try await runner.run() == .completed(commits: 1))
            let view = try await bed.service.task(
                task.id, with: [.workers, .artifacts], as: key)
            let worker = try #require(view.workers?.first)
            #expect(view.task.status == .completed && worker.status == .completed)
            #expect(worker.commits == 1 && worker.linesAdded == 1 && worker.costUSD == "0.25")
            #expect(worker.milestones.elements.map(\.title) == ["Begun"])
            #expect(worker.startedAt != nil)
            #expect(view.task.result?["branch"] == .string(worker.branch))
            let artifact = try #require(view.artifacts?.first)
            #expect(artifact.type == .diff)
            let whole = try await bed.service.artifact(artifact.id, as: key)
            #expect(whole.content?.contains("+change") == true)
        }
    }

    @Test func `what cannot be counted does not undo what was done`() async throws {
        let script = """
            echo change >> file; git commit -qam "Change it"
            git config includeIf.gitdir:/nowhere.path /dev/null
            """
        let warnings = Mutex<[String]>([])
        let tell: @Sendable (RunnerEvent) -> Void = { event in
            if case .warning(_, let words) = event { warnings.withLock { $0.append(words) } }
        }
        try await withRunner(script, tell: tell) { bed, task, runner, key in
            #expect(try await runner.run() == .completed(commits: 0))
            let view = try await bed.service.task(task.id, with: [.workers], as: key)
            let worker = try #require(view.workers?.first)
            #expect(view.task.status == .completed && worker.status == .completed)
            #expect(view.task.result == ["branch": .string(worker.branch)])
        }
        #expect(warnings.withLock { $0.contains { $0.contains("cannot be counted") } })
    }

    @Test func `another exit status is an error with the end of the output`() async throws {
        try await withRunner("echo it broke; exit 3") { bed, task, runner, key in
            #expect(try await runner.run() == .failed("The agent exited with 3."))
            let view = try await bed.service.task(task.id, with: [.workers], as: key)
            #expect(view.task.status == .pending && view.task.attempts == 1)
            #expect(view.workers?.first?.error == "The agent exited with 3.\nit broke")
            #expect(view.workers?.first?.failureClass == .agentFailed)
        }
    }

    @Test func `a runner that is stopped gives the task back`() async throws {
        let started = AsyncStream.makeStream(of: Void.self)
        let tell: @Sendable (RunnerEvent) -> Void = { event in
            if case .output = event { started.continuation.finish() }
        }
        try await withRunner("echo ready; sleep 1000", tell: tell) { bed, task, runner, key in
            let running = Task { try await runner.run() }
            for await _ in started.stream {}
            running.cancel()
            #expect(try await running.value == .released)
            let after = try await bed.service.task(task.id, with: [], as: key).task
            #expect(after.status == .pending && after.attempts == 0)
        }
    }

    @Test func `a task that is cancelled stops its agent at the next heartbeat`() async throws {
        let started = AsyncStream.makeStream(of: Void.self)
        let tell: @Sendable (RunnerEvent) -> Void = { event in
            if case .output = event { started.continuation.finish() }
        }
        let script = "echo ready; sleep 1000"
        try await withRunner(script, clock: ImmediateClock(), tell: tell) {
            bed, task, runner, key in
            async let running = runner.run()
            for await _ in started.stream {}
            _ = try await bed.service.cancelTask(task.id, as: bed.admin)
            #expect(try await running == .stopped("cancelled"))
            let account = try await bed.service.account(nil, as: key)
            #expect(account.activeWorkers == 0)
        }
    }

    @Test func `a lease that is lost stops the agent, and nothing more is written`() async throws {
        let started = AsyncStream.makeStream(of: Void.self)
        let tell: @Sendable (RunnerEvent) -> Void = { event in
            if case .output = event { started.continuation.finish() }
        }
        let script = "echo ready; sleep 1000"
        try await withRunner(script, clock: ImmediateClock(), tell: tell) {
            bed, task, runner, key in
            async let running = runner.run()
            for await _ in started.stream {}
            _ = try await bed.service.releaseTask(task.id, as: bed.admin)
            #expect(try await running == .stopped("its lease is lost"))
            let after = try await bed.service.task(task.id, with: [], as: key).task
            #expect(after.status == .pending)
        }
    }

    @Test(arguments: ["no-such-agent-here", "/no/such/agent", "/etc/passwd", "/tmp"])
    func `a command that is not there claims nothing`(_ command: String) async throws {
        try await withFolder { folder in
            try await makeRepository(at: folder)
            try await Door.engineOnSQLite.open { bed in
                let workspace = try await bed.workspace {
                    $0.localPath = folder.path(percentEncoded: false)
                }
                let task = try await bed.task(in: workspace)
                let (_, key) = try await bed.account(in: workspace)
                let options = RunnerOptions(
                    name: "test", key: key, url: "", command: [command], once: true,
                    folder: folder.appending(path: ".work"),
                    rules: RepositoryRules(allowed: ["*"], server: ""))
                let error = await #expect(throws: DibsError.self) {
                    try await Runner(bed.service, options) { _ in }.run()
                }
                #expect(error?.code == .usage)
                let after = try await bed.service.task(task.id, with: [.workers], as: key)
                #expect(after.task.status == .pending && after.workers?.isEmpty != false)
            }
        }
    }

    @Test func `a repository that is not allowed is refused, and burns no attempt`() async throws {
        try await withFolder { folder in
            try await Door.engineOnSQLite.open { bed in
                let workspace = try await bed.workspace { $0.repo = "file:///etc" }
                let task = try await bed.task(in: workspace)
                let (_, key) = try await bed.account(in: workspace)
                let options = RunnerOptions(
                    name: "test", key: key, url: "http://127.0.0.1", command: ["true"], once: true,
                    folder: folder.appending(path: ".work"))
                let result = try await Runner(bed.service, options, tell: { _ in }).run()
                guard case .refused = result else {
                    Issue.record("it is not refused")
                    return
                }
                let after = try await bed.service.task(task.id, with: [.workers], as: key)
                #expect(after.task.status == .pending && after.task.attempts == 0)
                #expect(after.workers?.first?.failureClass == .infrastructure)
                #expect(after.workers?.first?.error?.contains("--allow-repo") == true)
            }
        }
    }

    @Test func `a line of a file says nothing for the agent, and that is said once`() async throws {
        let warnings = Mutex<[String]>([])
        let tell: @Sendable (RunnerEvent) -> Void = { event in
            if case .warning(_, let words) = event { warnings.withLock { $0.append(words) } }
        }
        let script = """
            echo "::dibs cost 8999999990"; echo "::dibs progress 99"; echo "$DIBS_REPORT cost much"
            """
        try await withRunner(script, tell: tell) { bed, task, runner, key in
            #expect(try await runner.run() == .completed(commits: 0))
            let view = try await bed.service.task(task.id, with: [.workers], as: key)
            #expect(view.workers?.first?.costUSD == .zero && view.workers?.first?.progress != 99)
        }
        let said = warnings.withLock { $0 }
        #expect(said.count == 2 && said[0].contains("$DIBS_REPORT") && said[1].contains("cost"))
    }
}
