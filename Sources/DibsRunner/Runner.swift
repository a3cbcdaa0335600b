package import DibsCore
package import Foundation
internal import Synchronization

/// The settings of a runner.
package struct RunnerOptions: Sendable {
    /// The runner's own name.
    package var name: String
    /// The account it claims under.
    package var key: Credential
    /// The server's address, for the agent.
    package var url: String
    /// The agent's command and its arguments.
    package var command: [String]
    /// Only from one workspace.
    package var workspaceID: Identifier<Workspace>?
    /// Capabilities the runner offers.
    package var capabilities: Capabilities
    /// Tasks at once, 1…64.
    package var parallel: Int
    /// Whether it ends after one task, or when there is none.
    package var once: Bool
    /// 60…3600; nil is the server's own.
    package var leaseSeconds: Int?
    /// The folder of clones and worktrees.
    package var folder: URL
    /// Which repositories it works in.
    package var rules: RepositoryRules
    /// Names of its own variables that agents get besides; a `*` at the end stands for any.
    package var passing: [String]
    /// Time that an agent may take to end when it is told to.
    package var grace: Duration
    /// The clock it sleeps on.
    package var clock: any Clock<Duration>

    /// Only the first four need be said.
    package init(
        name: String, key: Credential, url: String, command: [String],
        workspaceID: Identifier<Workspace>? = nil, capabilities: Capabilities = .none,
        parallel: Int = 1, once: Bool = false, leaseSeconds: Int? = nil, folder: URL,
        rules: RepositoryRules? = nil, passing: [String] = [],
        grace: Duration = .seconds(10), clock: any Clock<Duration> = .continuous
    ) {
        self.name = name
        self.key = key
        self.url = url
        self.command = command
        self.workspaceID = workspaceID
        self.capabilities = capabilities
        self.parallel = parallel
        self.once = once
        self.leaseSeconds = leaseSeconds
        self.folder = folder
        self.rules = rules ?? RepositoryRules(server: url)
        self.passing = passing
        self.grace = grace
        self.clock = clock
    }
}

/// Claims tasks and runs a command for each, until it is cancelled.
package struct Runner: Sendable {
    private let service: any DibsService
    private let options: RunnerOptions
    private let tell: @Sendable (RunnerEvent) -> Void
    private let atWork = WorkersAtWork()

    /// A runner over any service; `tell` hears what happens, from any thread.
    package init(
        _ service: any DibsService, _ options: RunnerOptions,
        tell: @escaping @Sendable (RunnerEvent) -> Void
    ) { (self.service, self.options, self.tell) = (service, options, tell) }

    /// Works until the task is cancelled, which gives back what is at work; with `once` until one
    /// attempt is over.
    ///
    /// Answers how the last one ended, or nil when there was none.
    ///
    /// Throws what will not pass by itself: an unknown key, a refused request.
    @discardableResult
    package func run() async throws -> AttemptResult? {
        try Workplace.check(options.folder)
        var located = options
        located.command = try AgentCommand.located(options.command)
        return try await Runner(service, located, tell: tell).work()
    }

    /// Lets each lane work; answers the last result.
    private func work() async throws -> AttemptResult? {
        try await withThrowingTaskGroup(of: AttemptResult?.self) { group in
            for _ in 0..<(options.once ? 1 : options.parallel) {
                group.addTask { try await lane() }
            }
            var last: AttemptResult?
            while let result = try await group.next() { last = result ?? last }
            return last
        }
    }

    /// One task after another.
    private func lane() async throws -> AttemptResult? {
        var last: AttemptResult?
        var refusals = 0
        // An answer that is lost on the way is asked for again by the same key.
        var key = UUID().uuidString
        while !Task.isCancelled {
            let claimed = try await claim(once: key)
            if claimed.isAnswered { key = UUID().uuidString }
            if let worker = claimed.worker {
                last = await work(worker)
                guard !options.once else { break }
                if case .refused = last { refusals += 1 } else { refusals = 0 }
                if refusals > 0 { await pause(afterRefusals: refusals) }
            }
            if options.once { break }
        }
        return last
    }

    private func work(_ worker: ClaimedWorker) async -> AttemptResult {
        atWork.begin(worker.id)
        defer { atWork.end(worker.id) }
        tell(.claimed(worker))
        let result = await Attempt(worker, options, service, tell: tell).run()
        tell(.ended(worker, result))
        return result
    }

    /// A runner that takes tasks and cannot do them is in others' way: 1, 2, 4, at most 16 minutes.
    private func pause(afterRefusals count: Int) async {
        try? await options.clock.sleep(for: .seconds(60 << min(count - 1, 4)))
    }

    private func claim(once key: String) async throws -> (worker: ClaimedWorker?, isAnswered: Bool)
    {
        let request = ClaimRequest(
            workspaceID: options.workspaceID, capabilities: options.capabilities,
            runner: options.name, waitSeconds: options.once ? 0 : 30,
            leaseSeconds: options.leaseSeconds)
        do {
            let answer = try await service.claim(request, as: options.key.once(key))
            if answer.workers.isEmpty { tell(.nothing(answer.reason)) }
            return (answer.workers.first, true)
        } catch let error as DibsError {
            let isUnreadable = error.code == .unreadableAnswer
            if isUnreadable { await failUnread() }
            guard error.code.isPassing, !options.once else { throw error }
            guard !Task.isCancelled else { return (nil, false) }
            tell(.trouble(error))
            try? await options.clock.sleep(for: .seconds(3))
            return (nil, isUnreadable)
        } catch is CancellationError {
            return (nil, false)
        }
    }

    /// Ends the worker that came with an answer which could not be read: its task fails this time,
    /// instead of standing in everybody's way for a lease.
    ///
    /// The worker is the one of this runner's that has not begun and that nobody here knows. When
    /// that could be several, they are left to their leases.
    private func failUnread() async {
        guard let own = try? await service.account(nil, as: options.key),
            let live = try? await service.workers(
                WorkerFilter(workspaceID: options.workspaceID, live: true),
                PageRequest(limit: 200), as: options.key)
        else { return }
        let unread = live.items.filter {
            $0.accountID == own.id && $0.runner == options.name && $0.status == .idle
                && !atWork.contains($0.id)
        }
        guard let worker = unread.first, unread.count == 1 else { return }
        let report = Report(
            status: .error, error: "The runner cannot read what it was told of this task.",
            failureClass: .agentFailed)
        _ = try? await service.report(worker.id, report, as: options.key)
    }
}

/// The workers that a runner has in hand.
private final class WorkersAtWork: Sendable {
    private let ids = Mutex<Set<Worker.ID>>([])

    func begin(_ id: Worker.ID) { ids.withLock { _ = $0.insert(id) } }

    func end(_ id: Worker.ID) { ids.withLock { _ = $0.remove(id) } }

    func contains(_ id: Worker.ID) -> Bool { ids.withLock { $0.contains(id) } }
}
