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
        let end = try await withThrowingTaskGroup(of: AgentProcess.End?.self) { group in
            group.addTask { try await process(in: worktree).run { await heard($0, tail) } }
            group.addTask {
                try await beat()
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let end = first else {
                throw CancellationError()
            }
            return end
        }
        let change = try await repository.change(in: worktree)
        let result = try await finish(end, change, await tail.text)
        try await repository.remove(worktree)
        return result
    }

    private func process(in worktree: Repository.Worktree) -> AgentProcess {
        let (task, workspace) = (worker.task, worker.workspace)
        return AgentProcess(
            command: options.command, folder: worktree.folder,
            input: task.title + "\n\n" + task.description + "\n",
            variables: [
                "DIBS_URL": options.url, "DIBS_TOKEN": worker.token,
                "DIBS_TASK_ID": task.id.description, "DIBS_TASK_TITLE": task.title,
                "DIBS_WORKER_ID": worker.id.description, "DIBS_BRANCH": worker.branch,
                "DIBS_WORKSPACE": workspace.name,
            ], grace: options.grace)
    }

    private func heard(_ line: String, _ tail: OutputTail) async {
        guard let step = StepLine(line) else {
            await tail.add(line)
            return tell(.output(worker, line))
        }
        tell(.step(worker, String(line.dropFirst(7))))
        // A step that cannot be told now does not stop the agent; the heart sees a lost lease.
        do { try await reporter.send(step.report) } catch let error as DibsError {
            tell(.trouble(error))
        } catch {}
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
private struct Stopped: Error { let reason: StopReason }

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

    /// The work cannot go on: says so to the server as far as it will hear it.
    private func given(up error: any Error) async -> AttemptResult {
        // The task may be cancelled, and this must be said all the same.
        await Task.detached { () -> AttemptResult in
            switch error {
            case let stop as Stopped:
                _ = try? await reporter.send(
                    Report(status: .error, error: "Stopped: \(stop.reason.rawValue)."))
                return .stopped(stop.reason.rawValue)
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
