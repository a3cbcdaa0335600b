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
    /// With what a line of output begins that reports; `DIBS_REPORT`.
    private let mark = "::dibs-" + randomHexadecimal(bits: 64)

    init(
        _ worker: ClaimedWorker, _ options: RunnerOptions, _ service: any DibsService,
        tell: @escaping @Sendable (RunnerEvent) -> Void
    ) {
        (self.worker, self.options, self.service, self.tell) = (worker, options, service, tell)
        reporter = Reporter(service, worker, clock: options.clock)
    }

    /// Runs it to its end, whatever that is; a cancelled task gives the work back.
    func run() async -> AttemptResult {
        let access: GitAccess
        do { access = try options.rules.access(to: worker.workspace) } catch {
            return await refused(error)
        }
        do { return try await work(access) } catch let stop as Stopped {
            return (try? await stopped(stop, nil)) ?? .stopped(stop.reason.rawValue)
        } catch {
            // A command that is cut off fails in ways of its own.
            let isLost = (error as? DibsError)?.code == .leaseLost
            return await given(up: Task.isCancelled && !isLost ? CancellationError() : error)
        }
    }

    private func work(_ access: GitAccess) async throws -> AttemptResult {
        // Cloning and checking out may take longer than a lease.
        let (repository, worktree) = try await whileBeating {
            let repository = try await Repository(
                of: worker.workspace, folder: options.folder, access: access)
            return (repository, try await repository.addWorktree(branch: worker.branch))
        }
        tell(.started(worker, folder: worktree.folder))
        try await reporter.send(Report(status: .running))
        let heard = AgentOutput()
        let result: AttemptResult
        do {
            let end = try await runAgent(in: worktree, heard)
            try Task.checkCancellation()
            let change = try await change(repository, worktree)
            result = try await finish(end, change, await heard.tail)
        } catch let stop as Stopped {
            result = try await stopped(stop, try await change(repository, worktree))
        }
        // The server has the result; what cannot be tidied up here does not change it, and a runner
        // that is told to stop meanwhile tidies up all the same.
        do {
            let isKept = try await Task { try await repository.remove(worktree) }.value
            if isKept {
                tell(.warning(worker, "Not everything is committed; it stays: \(worktree.folder)"))
            }
        } catch {
            tell(.warning(worker, "Its folder stays: \(error)"))
        }
        return result
    }

    /// The change of an attempt; nil, with a warning, when git cannot tell it now.
    ///
    /// The agent has ended, and its commits are on its branch: neither how they are counted nor a
    /// word of the server meanwhile undoes that.
    private func change(
        _ repository: Repository, _ worktree: Repository.Worktree
    ) async throws -> Repository.Change? {
        do {
            return try await doing {
                try await repository.change(in: worktree)
            } unless: {
                while !Task.isCancelled { _ = try? await nextBeat() }
            }
        } catch let error where !Task.isCancelled {
            tell(.warning(worker, "Its commits stay, but cannot be counted: \(error)"))
            return nil
        }
    }

    /// Runs the agent until it ends or the server wants the worker to stop, which is thrown as
    /// `Stopped`: it says so in the answer to a step or to a heartbeat.
    private func runAgent(
        in worktree: Repository.Worktree, _ output: AgentOutput
    ) async throws -> AgentProcess.End {
        let (stops, stop) = AsyncStream.makeStream(of: StopReason.self)
        var claim = worker
        claim.token = ""
        let file = try PrivateFile("claim", try Wire.encode(claim))
        defer { file.remove() }
        return try await whileBeating {
            try await doing {
                try await process(in: worktree, claim: file.path).run { line in
                    if let reason = await heard(line, output) { stop.yield(reason) }
                }
            } unless: {
                for await reason in stops { throw Stopped(reason: reason) }
            }
        }
    }

    private func process(in worktree: Repository.Worktree, claim file: String) -> AgentProcess {
        let (task, workspace) = (worker.task, worker.workspace)
        let prompt = TaskPrompt(worker)
        return AgentProcess(
            command: options.command, folder: worktree.workFolder,
            input: prompt.text,
            variables: [
                "DIBS_URL": options.url, "DIBS_TOKEN": worker.token,
                "DIBS_TASK_ID": task.id.description, "DIBS_TASK_TITLE": task.title,
                "DIBS_TASK_MARK": prompt.mark, "DIBS_TASK_FILE": file, "DIBS_REPORT": mark,
                "DIBS_WORKER_ID": worker.id.description, "DIBS_BRANCH": worker.branch,
                "DIBS_WORKSPACE": workspace.name,
                "DIBS_SALVAGE_BRANCH": worker.salvage?.branch ?? "",
                "DIBS_STOP_AT": worker.stopAt.map { "\($0)" } ?? "",
            ], passing: options.passing, grace: options.grace)
    }

    /// Answers the reason why the server wants the worker to stop, when it said so in answer to a
    /// step.
    private func heard(_ raw: String, _ output: AgentOutput) async -> StopReason? {
        let line = raw.withoutTerminalCodes
        switch StepLine.read(line, mark: mark) {
        case .step(let step): return await told(step)
        case .output: break
        case .unmarked:
            if await output.isFirstUnmarked() { tell(.warning(worker, Self.unmarked)) }
        case .faulty(let reason): tell(.warning(worker, "A report is not taken. " + reason))
        }
        await output.add(line)
        tell(.output(worker, line))
        return nil
    }

    private static let unmarked =
        #"A line that begins with ::dibs reports nothing; write: echo "$DIBS_REPORT progress 40""#

    private func told(_ step: StepLine) async -> StopReason? {
        tell(.step(worker, step.words))
        // A step that cannot be told now does not stop the agent; the heart sees a lost lease.
        do { return try await reporter.send(step.report).stop } catch let error as DibsError {
            tell(.trouble(error))
        } catch {}
        return nil
    }

    /// Does something while the heart beats; throws `Stopped` when the server wants the worker to
    /// stop meanwhile.
    private func whileBeating<T: Sendable>(
        _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await doing(body) {
            while true {
                if let reason = try await nextBeat().stop { throw Stopped(reason: reason) }
            }
        }
    }

    private func nextBeat() async throws -> ReportAnswer {
        try await options.clock.sleep(for: reporter.heartbeat)
        return try await reporter.beat()
    }

    /// Does something unless what watches beside it throws first, which ends it.
    private func doing<T: Sendable>(
        _ body: @escaping @Sendable () async throws -> T,
        unless watch: @escaping @Sendable () async throws -> Void
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await watch()
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                throw CancellationError()
            }
            return value
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
        _ end: AgentProcess.End, _ change: Repository.Change?, _ tail: String
    ) async throws -> AttemptResult {
        if let branch = change?.branch {
            tell(.warning(worker, "Its work is on another branch than its own: \(branch)"))
        }
        if let change, change.commits > 0 { try await leavePatch(of: change) }
        var report = Report().counting(change)
        if try await reporter.isWaiting() {
            report.status = .error
            report.failureClass = .waiting
            report.error = "The agent ended while a person was to answer."
            let answer = try await reporter.send(report)
            return believed(answer, .error, .stopped("it waits for an answer"))
        }
        if end == .exited(0) {
            report.status = .completed
            var result: [String: JSON] = ["branch": .string(change?.branch ?? worker.branch)]
            if let change { result["commits"] = .number(JSONNumber(change.commits)) }
            report.result = .object(result)
            let answer = try await reporter.send(report)
            return believed(answer, .completed, .completed(commits: change?.commits ?? 0))
        }
        let words =
            switch end {
            case .exited(let code): "The agent exited with \(code)."
            case .signaled(let signal): "The agent was ended by signal \(signal)."
            }
        report.status = .error
        report.error = tail.isEmpty ? words : words + "\n" + tail
        return believed(try await reporter.send(report), .error, .failed(words))
    }

    /// Leaves the patch with the task; one that the server does not take is no reason to lose the
    /// commits.
    private func leavePatch(of change: Repository.Change) async throws {
        let branch = change.branch ?? worker.branch
        let artifact = NewArtifact(
            type: .diff, title: counted(change.commits) + " on " + branch,
            content: change.patch, metadata: ["branch": .string(branch)])
        do { try await reporter.leave(artifact) } catch let error as DibsError {
            guard ![.leaseLost, .keyUnknown].contains(error.code) else { throw error }
            tell(.warning(worker, "The patch is not kept: \(error)"))
        }
    }

    /// The result, as long as the server has the worker where the runner has reported it to be.
    private func believed(
        _ answer: ReportAnswer, _ status: WorkerStatus, _ result: AttemptResult
    ) -> AttemptResult {
        let now = answer.worker
        if answer.stop == .cancelled || now.failureClass == .cancelled {
            return .stopped(StopReason.cancelled.rawValue)
        }
        guard now.status == status else {
            return .stopped("the server has it as \(now.status.rawValue)")
        }
        return result
    }

    /// Keeps the work on its branch for the next attempt.
    private func stopped(
        _ stop: Stopped, _ change: Repository.Change?
    ) async throws -> AttemptResult {
        try await reporter.send(
            Report(
                status: .error, error: "Stopped: \(stop.reason.rawValue).",
                failureClass: stop.failureClass
            ).counting(change))
        return .stopped(stop.reason.rawValue)
    }

    /// The runner does not work in this workspace, which is not the task's fault.
    private func refused(_ error: any Error) async -> AttemptResult {
        let words = Self.words(of: error)
        _ = try? await reporter.send(
            Report(status: .error, error: words, failureClass: .infrastructure))
        return .refused(words)
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
            case is CancellationError:
                return await gaveBack()
            // The task is not to blame for its runner.
            default: return await failed(error)
            }
        }.value
    }

    /// Gives the task back, unless the server had its completion already.
    private func gaveBack() async -> AttemptResult {
        let now = try? await service.worker(worker.id, as: options.key)
        if let now, now.status == .completed { return .completed(commits: now.commits) }
        _ = try? await service.releaseTask(worker.taskID, as: options.key)
        return .released
    }

    private func failed(_ error: any Error) async -> AttemptResult {
        let report = Report(
            status: .error, error: Self.words(of: error), failureClass: .infrastructure)
        _ = try? await reporter.send(report)
        return .refused("\(error)")
    }

    /// An error with its hint, within what a report may say.
    private static func words(of error: any Error) -> String {
        let hint = (error as? DibsError)?.hint.map { "\n" + $0 } ?? ""
        return AgentOutput.cut("\(error)".withoutTerminalCodes + hint)
    }
}

extension Report {
    /// A copy with the numbers of a change, where they are known.
    fileprivate func counting(_ change: Repository.Change?) -> Report {
        guard let change else { return self }
        var report = self
        report.branch = change.branch
        report.commits = change.commits
        report.filesChanged = change.files
        report.linesAdded = change.added
        report.linesRemoved = change.removed
        return report
    }
}
