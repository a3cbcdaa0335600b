internal import DibsCore
internal import DibsJSON
internal import Foundation

/// One attempt on this machine, from the claim to its last report.
///
/// The agent and its heart run side by side. Whichever ends first ends the other: the agent by
/// finishing, the heart when the server wants the worker to stop or has given its task away.
struct Attempt: Sendable {
    let options: RunnerOptions
    let service: any DibsService
    let worker: ClaimedWorker
    let reporter: Reporter
    let tell: @Sendable (RunnerEvent) -> Void

    init(
        _ worker: ClaimedWorker, _ options: RunnerOptions, _ service: any DibsService,
        tell: @escaping @Sendable (RunnerEvent) -> Void
    ) {
        (self.worker, self.options, self.service, self.tell) = (worker, options, service, tell)
        reporter = Reporter(service, worker, clock: options.clock)
    }

    /// Runs it to its end, whatever that is; a cancelled task gives the work back.
    func run() async -> AttemptResult {
        do {
            let result = try await work()
            guard !Task.isCancelled else { throw CancellationError() }
            return result
        } catch {
            return await given(up: error)
        }
    }

    private func work() async throws -> AttemptResult {
        let repository = try await Repository(of: worker.workspace, folder: options.folder)
        let worktree = try await repository.addWorktree(branch: worker.branch)
        tell(.started(worker, folder: worktree.folder))
        try await reporter.send(Report(status: .running))
        let tail = OutputTail()
        let result: AttemptResult
        do {
            let end = try await runAgent(in: worktree, tail)
            let change = try await repository.change(in: worktree)
            result = try await finish(end, change, await tail.text)
        } catch let stop as Stopped {
            result = try await stopped(stop, try await repository.change(in: worktree))
        }
        try await repository.remove(worktree)
        return result
    }

    /// Runs the agent and its heart until one of them ends; throws `Stopped` when the server wants
    /// the worker to stop, in the answer to a step or to a heartbeat.
    private func runAgent(
        in worktree: Repository.Worktree, _ tail: OutputTail
    ) async throws -> AgentProcess.End {
        let (stops, stop) = AsyncStream.makeStream(of: StopReason.self)
        return try await withThrowingTaskGroup(of: AgentProcess.End?.self) { group in
            group.addTask {
                try await process(in: worktree).run { line in
                    if let reason = await heard(line, tail) { stop.yield(reason) }
                }
            }
            group.addTask {
                try await beat()
                return nil
            }
            group.addTask {
                for await reason in stops { throw Stopped(reason: reason) }
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let end = first else {
                throw CancellationError()
            }
            return end
        }
    }

    private func process(in worktree: Repository.Worktree) -> AgentProcess {
        let (task, workspace) = (worker.task, worker.workspace)
        return AgentProcess(
            command: options.command, folder: worktree.folder,
            input: prompt,
            variables: [
                "DIBS_URL": options.url, "DIBS_TOKEN": worker.token,
                "DIBS_TASK_ID": task.id.description, "DIBS_TASK_TITLE": task.title,
                "DIBS_WORKER_ID": worker.id.description, "DIBS_BRANCH": worker.branch,
                "DIBS_WORKSPACE": workspace.name,
                "DIBS_SALVAGE_BRANCH": worker.salvage?.branch ?? "",
                "DIBS_STOP_AT": worker.stopAt.map { "\($0)" } ?? "",
            ], grace: options.grace)
    }

    /// What the agent reads: the task, what people have answered so far, and what was left.
    private var prompt: String {
        let task = worker.task
        let answers = worker.answers.map { "- \($0.prompt)\n  \($0.answer ?? "")" }
        let said = answers.isEmpty ? [] : ["Answered before:\n" + answers.joined(separator: "\n")]
        let left = worker.salvage.map {
            "An attempt before this one ended at \($0.progress) %. What it committed, "
                + "\($0.commits) commits, is on the branch \($0.branch)."
        }
        let parts = [task.title, task.description] + said + [left].compactMap { $0 }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// Why the server wants the worker to stop, when it said so in answer to a step.
    private func heard(_ line: String, _ tail: OutputTail) async -> StopReason? {
        guard let step = StepLine(line) else {
            await tail.add(line)
            tell(.output(worker, line))
            return nil
        }
        tell(.step(worker, String(line.dropFirst(7))))
        // A step that cannot be told now does not stop the agent; the heart sees a lost lease.
        do { return try await reporter.send(step.report).stop } catch let error as DibsError {
            tell(.trouble(error))
        } catch {}
        return nil
    }

    /// Beats until the server wants the worker to stop; returns never otherwise.
    private func beat() async throws {
        while true {
            try await options.clock.sleep(for: reporter.heartbeat)
            if let reason = try await reporter.beat().stop { throw Stopped(reason: reason) }
        }
    }
}

/// The server wants the worker to stop.
private struct Stopped: Error {
    let reason: StopReason

    /// A limit of money is nobody's failure.
    var failureClass: FailureClass {
        reason == .dayLimit || reason == .taskLimit ? .budget : .agentFailed
    }
}

extension Attempt {
    private func finish(
        _ end: AgentProcess.End, _ change: Repository.Change, _ tail: String
    ) async throws -> AttemptResult {
        if change.commits > 0 {
            try await reporter.leave(
                NewArtifact(
                    type: .diff, title: counted(change.commits) + " on " + worker.branch,
                    content: change.patch,
                    metadata: ["branch": .string(worker.branch)]))
        }
        var report = Report(
            commits: change.commits, filesChanged: change.files, linesAdded: change.added,
            linesRemoved: change.removed)
        if end == .exited(0) {
            report.status = .completed
            report.result = [
                "branch": .string(worker.branch), "commits": .number(JSONNumber(change.commits)),
            ]
            try await reporter.send(report)
            return .completed(commits: change.commits)
        }
        let words =
            switch end {
            case .exited(let code): "The agent exited with \(code)."
            case .signaled(let signal): "The agent was ended by signal \(signal)."
            }
        report.status = .error
        report.error = tail.isEmpty ? words : words + "\n" + tail
        try await reporter.send(report)
        return .failed(words)
    }

    /// What is there is kept on its branch for the next attempt.
    private func stopped(
        _ stop: Stopped, _ change: Repository.Change
    ) async throws -> AttemptResult {
        try await reporter.send(
            Report(
                status: .error, error: "Stopped: \(stop.reason.rawValue).",
                failureClass: stop.failureClass, commits: change.commits,
                filesChanged: change.files, linesAdded: change.added, linesRemoved: change.removed))
        return .stopped(stop.reason.rawValue)
    }

    /// The work cannot go on: says so to the server as far as it will hear it.
    private func given(up error: any Error) async -> AttemptResult {
        // The task may be cancelled, and this must be said all the same.
        await Task.detached { () -> AttemptResult in
            switch error {
            case let error as DibsError where error.code == .leaseLost:
                return .stopped("its lease is lost")
            case let error as DibsError where error.code == .keyUnknown:
                return .stopped("its token has ended")
            case let error as DibsError:
                _ = try? await reporter.send(
                    Report(
                        status: .error, error: "\(error)",
                        failureClass: error.code == .gitFailed || error.code == .usage
                            ? .infrastructure : .agentFailed))
                return .failed("\(error)")
            case is CancellationError:
                _ = try? await service.releaseTask(worker.taskID, as: options.key)
                return .released
            default:
                _ = try? await reporter.send(Report(status: .error, error: "\(error)"))
                return .failed("\(error)")
            }
        }.value
    }
}

/// The last of an agent's output, for its error.
actor OutputTail {
    private var lines: [String] = []

    func add(_ line: String) {
        lines.append(String(line.prefix(500)))
        if lines.count > 40 { lines.removeFirst() }
    }

    /// At most 2,000 characters.
    var text: String { String(lines.joined(separator: "\n").suffix(2000)) }
}
