import DibsClient
import DibsCore
import DibsTesting
import Foundation
import Synchronization
import Testing

@testable import DibsRunner

@Suite("A runner whose words and answers are lost", .timeLimit(.minutes(5)))
struct LossTests {
    /// A runner behind a proxy, and tasks; the body ends when it wants.
    private func withRunner(
        _ script: String = "true", tasks: Int = 1, once: Bool = true,
        clock: PatientClock = PatientClock(), lease: Int? = nil,
        fate: @escaping @Sendable (LossyProxy.Request, [LossyProxy.Request]) -> LossyProxy.Fate,
        tell: @escaping @Sendable (RunnerEvent) -> Void = { _ in },
        _ body: (TestBed, Runner, LossyProxy, [AgentTask]) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            try await makeRepository(at: folder)
            try await Door.overHTTP.open { bed in
                let workspace = try await bed.workspace {
                    $0.localPath = folder.path(percentEncoded: false)
                }
                var made: [AgentTask] = []
                for number in 0..<tasks {
                    made.append(
                        try await bed.task("Fix \(number)", in: workspace) {
                            $0.priority = tasks - number
                        })
                }
                let (_, key) = try await bed.account(in: workspace)
                let proxy = try LossyProxy(before: bed.address, fate: fate)
                defer { proxy.close() }
                let options = RunnerOptions(
                    name: "test", key: key, url: proxy.address, command: ["sh", "-ec", script],
                    once: once, leaseSeconds: lease, folder: folder.appending(path: ".work"),
                    grace: .seconds(2), clock: clock)
                let service = try HTTPDibsService(proxy.address)
                try await body(bed, Runner(service, options, tell: tell), proxy, made)
            }
        }
    }

    /// Runs until an attempt has ended.
    private func untilAnEnd(
        _ body: (@escaping @Sendable (RunnerEvent) -> Void, AsyncStream<AttemptResult>) async throws
            -> Void
    ) async throws {
        let ends = AsyncStream.makeStream(of: AttemptResult.self)
        try await body(
            { event in if case .ended(_, let result) = event { ends.continuation.yield(result) } },
            ends.stream)
    }

    private static func isClaim(_ request: LossyProxy.Request) -> Bool {
        request.target == "POST /api/workers/claim"
    }

    private static func isCompletion(_ request: LossyProxy.Request) -> Bool {
        request.body.contains(#""status":"completed""#)
    }

    @Test(arguments: ["unavailable", "busy", "unknown_outcome"])
    func `a server that cannot now is asked again until it can`(_ code: String) async throws {
        try await withRunner(
            fate: { request, earlier in
                let tries = earlier.filter { $0.target == request.target }.count
                return request.target.hasPrefix("PATCH") && tries < 3
                    ? .refused(status: 503, code: code) : .passes
            }
        ) { bed, runner, _, tasks in
            #expect(try await runner.run() == .completed(commits: 0))
            let after = try await bed.service.task(tasks[0].id, with: [], as: bed.admin).task
            #expect(after.status == .completed)
        }
    }

    @Test func `a claim whose answer is lost is asked for again under the same key`() async throws {
        try await untilAnEnd { tell, ends in
            try await withRunner(
                once: false,
                fate: { request, earlier in
                    Self.isClaim(request) && !earlier.contains(where: Self.isClaim)
                        ? .answerLost : .passes
                }, tell: tell
            ) { bed, runner, proxy, tasks in
                let running = Task { try await runner.run() }
                for await result in ends {
                    #expect(result == .completed(commits: 0))
                    break
                }
                running.cancel()
                _ = try? await running.value
                let view = try await bed.service.task(tasks[0].id, with: [.workers], as: bed.admin)
                #expect(view.task.status == .completed && view.workers?.count == 1)
                let keys = proxy.seen.filter(Self.isClaim).map { $0.header("idempotency-key") }
                #expect(keys.count >= 2 && keys[0] != nil && keys[0] == keys[1])
                #expect(keys.dropFirst(2).allSatisfy { $0 != keys[0] })
            }
        }
    }

    @Test(arguments: [(60, 20), (150, 50), (900, 60)])
    func `the heart beats three times a lease, and once a minute`(
        lease: Int, pause: Int
    ) async throws {
        let clock = PatientClock()
        try await withRunner("sleep 0.2", clock: clock, lease: lease, fate: { _, _ in .passes }) {
            _, runner, _, _ in
            let result = try await runner.run()
            #expect(result == .completed(commits: 0))
        }
        #expect(Set(clock.all) == [.seconds(pause)])
    }

    @Test func `an agent that has ended is not stopped while its commits are counted`() async throws
    {
        // The third pause of the heart is the one while they are counted.
        let clock = PatientClock(free: 3)
        try await withRunner(
            clock: clock,
            fate: { request, _ in
                request.target.hasSuffix("/heartbeat")
                    ? .edited { #"{"stop":"day_limit","# + $0.dropFirst() } : .passes
            }
        ) { bed, runner, _, tasks in
            #expect(try await runner.run() == .completed(commits: 0))
            let after = try await bed.service.task(tasks[0].id, with: [], as: bed.admin).task
            #expect(after.status == .completed)
        }
        #expect(clock.all.count >= 3)
    }

    @Test(arguments: [#"{"workers": [{"id": 5}]}"#, #"{"workers": [null]}"#])
    func `an answer to a claim that cannot be read fails that task, and the next one is done`(
        _ answer: String
    ) async throws {
        try await untilAnEnd { tell, ends in
            try await withRunner(
                tasks: 2, once: false,
                fate: { request, earlier in
                    Self.isClaim(request) && !earlier.contains(where: Self.isClaim)
                        ? .edited { _ in answer } : .passes
                }, tell: tell
            ) { bed, runner, _, tasks in
                let running = Task { try await runner.run() }
                for await result in ends {
                    #expect(result == .completed(commits: 0))
                    break
                }
                running.cancel()
                _ = try? await running.value
                let first = try await bed.service.task(tasks[0].id, with: [.workers], as: bed.admin)
                #expect(first.task.status == .pending && first.task.attempts == 1)
                #expect(first.workers?.first?.failureClass == .agentFailed)
                let second = try await bed.service.task(tasks[1].id, with: [], as: bed.admin)
                #expect(second.task.status == .completed)
            }
        }
    }

    @Test func `a page in place of an answer to a claim is asked past, and the task is done`()
        async throws
    {
        try await untilAnEnd { tell, ends in
            try await withRunner(
                once: false,
                fate: { request, earlier in
                    Self.isClaim(request) && !earlier.contains(where: Self.isClaim)
                        ? .edited { _ in "<html>" } : .passes
                }, tell: tell
            ) { bed, runner, _, tasks in
                let running = Task { try await runner.run() }
                for await result in ends {
                    #expect(result == .completed(commits: 0))
                    break
                }
                running.cancel()
                _ = try? await running.value
                let task = try await bed.service.task(tasks[0].id, with: [.workers], as: bed.admin)
                #expect(task.task.status == .completed && task.workers?.count == 1)
            }
        }
    }

    @Test(arguments: [(1000, "1001"), (Int.max, "none")])
    func `an agent that used up the numbers does not keep its completion from being told`(
        last: Int, next: String
    ) async throws {
        try await withRunner(
            fate: { request, _ in
                let isNumbered = request.body.contains(#""sequence":"#)
                return Self.isCompletion(request) && isNumbered
                    && !request.body.contains(#""sequence":1001"#)
                    ? .refused(
                        status: 409, code: "sequence_reused", details: #"{"last":"\#(last)"}"#)
                    : .passes
            }
        ) { bed, runner, proxy, tasks in
            #expect(try await runner.run() == .completed(commits: 0))
            let taken = try #require(proxy.seen.last(where: Self.isCompletion)).body
            let number = taken.firstMatch(of: /"sequence":(\d+)/)?.output.1
            #expect(number.map(String.init) ?? "none" == next)
            let after = try await bed.service.task(tasks[0].id, with: [], as: bed.admin).task
            #expect(after.status == .completed)
        }
    }

    @Test(
        arguments: [
            (#""status":"error""#, "the server has it as error"),
            (#""status":"running""#, "the server has it as running"),
            (#""failureClass":"cancelled","status":"error""#, "cancelled"),
        ])
    func `completed is what the server says, and not what was sent`(
        said: String, told: String
    ) async throws {
        try await withRunner(
            fate: { request, _ in
                Self.isCompletion(request)
                    ? .edited { $0.replacing(#""status":"completed""#, with: said) } : .passes
            }
        ) { _, runner, _, _ in
            let result = try await runner.run()
            #expect(result == .stopped(told))
        }
    }

    @Test func `a runner that is stopped while its completion is answered has completed it`()
        async throws
    {
        let running = Mutex<Task<AttemptResult?, any Error>?>(nil)
        try await withRunner(
            fate: { request, _ in
                guard Self.isCompletion(request) else { return .passes }
                return .edited { answer in
                    running.withLock { $0?.cancel() }
                    return answer
                }
            }
        ) { bed, runner, _, tasks in
            let work = Task { try await runner.run() }
            running.withLock { $0 = work }
            let result = try await work.value
            #expect(result == .completed(commits: 0))
            let after = try await bed.service.task(tasks[0].id, with: [], as: bed.admin).task
            #expect(after.status == .completed)
        }
    }

    @Test(arguments: ["exit 0", "exit 3"])
    func `an agent that ends while a person is asked has died waiting, and the question stays`(
        _ end: String
    ) async throws {
        let script = """
            git checkout -qb feat/x; echo more >> file; git commit -qam more
            curl -sf -X PATCH -H "Authorization: Bearer $DIBS_TOKEN" \
                "$DIBS_URL/api/workers/$DIBS_WORKER_ID" > /dev/null \
                -d '{"status":"waiting_input","waitingFor":{"prompt":"Which?","freeText":true}}'
            \(end)
            """
        try await withRunner(script, fate: { _, _ in .passes }) { bed, runner, _, tasks in
            #expect(try await runner.run() == .stopped("it waits for an answer"))
            let view = try await bed.service.task(tasks[0].id, with: [.workers], as: bed.admin)
            #expect(view.task.status == .pending && view.task.attempts == 0)
            let worker = try #require(view.workers?.first)
            #expect(worker.failureClass == .waiting)
            #expect(worker.commits == 1 && worker.branch == "feat/x")
            let asked = try await bed.service.questions(
                QuestionFilter(open: true), PageRequest(limit: 10), as: bed.admin)
            #expect(asked.items.map(\.prompt) == ["Which?"])
        }
    }
}
