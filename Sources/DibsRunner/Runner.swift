package import DibsCore
package import Foundation

/// How a runner works.
package struct RunnerOptions: Sendable {
    /// What it calls itself.
    package var name: String
    /// The account it claims under.
    package var key: Credential
    /// Where the server is, for the agent.
    package var url: String
    /// The agent's command and its arguments.
    package var command: [String]
    /// Only from one workspace.
    package var workspaceID: Identifier<Workspace>?
    /// What it offers.
    package var capabilities: Capabilities
    /// Tasks at once, 1…64.
    package var parallel: Int
    /// Whether it ends after one task, or when there is none.
    package var once: Bool
    /// 60…3600; nil is the server's own.
    package var leaseSeconds: Int?
    /// Where clones and worktrees are.
    package var folder: URL
    /// How long an agent may take to end when it is told to.
    package var grace: Duration
    /// What it sleeps on.
    package var clock: any Clock<Duration>

    /// Only the first four need be said.
    package init(
        name: String, key: Credential, url: String, command: [String],
        workspaceID: Identifier<Workspace>? = nil, capabilities: Capabilities = .none,
        parallel: Int = 1, once: Bool = false, leaseSeconds: Int? = nil, folder: URL,
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
        self.grace = grace
        self.clock = clock
    }
}

/// Claims tasks and runs a command for each, until it is cancelled.
package struct Runner: Sendable {
    private let service: any DibsService
    private let options: RunnerOptions
    private let tell: @Sendable (RunnerEvent) -> Void

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
        // An answer that is lost on the way is asked for again by the same key.
        var key = UUID().uuidString
        while !Task.isCancelled {
            let claimed = try await claim(once: key)
            if claimed.isAnswered { key = UUID().uuidString }
            if let worker = claimed.worker {
                tell(.claimed(worker))
                let result = await Attempt(worker, options, service, tell: tell).run()
                tell(.ended(worker, result))
                last = result
            }
            if options.once { break }
        }
        return last
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
            guard Self.passes(error.code), !options.once else { throw error }
            guard !Task.isCancelled else { return (nil, false) }
            tell(.trouble(error))
            try? await options.clock.sleep(for: .seconds(3))
            return (nil, false)
        } catch is CancellationError {
            return (nil, false)
        }
    }

    /// What passes by itself: a limit that is reached, a server that is away.
    private static func passes(_ code: ErrorCode) -> Bool {
        switch code {
        case .workerLimit, .sessionLimit, .workspaceLimit, .dayLimit, .busy, .unavailable,
            .unknownOutcome, .serverUnreachable:
            true
        default: false
        }
    }
}
