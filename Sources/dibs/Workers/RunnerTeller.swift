internal import DibsCore
internal import DibsRunner
internal import Synchronization

/// Shows what a runner does, a line an event.
final class RunnerTeller: Sendable {
    private let showsOutput: Bool
    private let lastNothing = Mutex<NothingReason?>(nil)

    init(showsOutput: Bool) { self.showsOutput = showsOutput }

    func tell(_ event: RunnerEvent) {
        switch event {
        case .claimed(let worker):
            lastNothing.withLock { $0 = nil }
            say(worker, "claimed", worker.task.title, .cyan)
        case .started(let worker, let folder): say(worker, "works in", folder, .dim)
        case .step(let worker, let words): say(worker, "reports", words, .dim)
        case .output(let worker, let line): if showsOutput { say(worker, "│", line, .dim) }
        case .ended(let worker, .completed(let commits)):
            say(worker, "completed", "\(worker.task.title) (\(counted(commits)))", .green)
        case .ended(let worker, .failed(let reason)): say(worker, "failed", reason, .red)
        case .warning(let worker, let words): say(worker, "warning", words, .yellow)
        case .ended(let worker, .refused(let reason)): say(worker, "refused", reason, .red)
        case .ended(let worker, .released): say(worker, "gave back", worker.task.title, .yellow)
        case .ended(let worker, .stopped(let reason)): say(worker, "stopped", reason, .yellow)
        case .nothing(let reason): sayNothing(reason)
        case .trouble(let error):
            let words = "waiting: \(error)".asLine
            Terminal.note(Terminal.styled(words, .yellow))
        }
    }

    /// Said once, and not again until something was claimed.
    private func sayNothing(_ reason: NothingReason?) {
        let isNew = lastNothing.withLock { last in
            defer { last = reason }
            return last != reason
        }
        guard isNew, let reason else { return }
        Terminal.print(Terminal.styled(reason.explanation, .dim))
    }

    private func say(
        _ worker: ClaimedWorker, _ verb: String, _ words: String, _ style: Terminal.Style
    ) {
        let short = worker.id.description.prefix(8)
        let line = words.asLine
        Terminal.print("\(short)  \(Terminal.styled(verb, style))  \(line)")
    }
}
