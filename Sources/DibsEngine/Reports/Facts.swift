internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// Facts that stay true of an attempt whatever became of it: what it made, what it used, and what
/// its runner noticed.
///
/// A fact changes no state and takes no slot, so that it is taken for a day after the end, too.
extension Report {
    /// So many warnings are kept of a worker, the newest.
    static let warningsOfWorker = 100

    private var withoutFacts: Report {
        var rest = self
        (rest.costUSD, rest.inputTokens, rest.outputTokens, rest.turns) = (nil, nil, nil, nil)
        (rest.branch, rest.commits, rest.pullRequestURL) = (nil, nil, nil)
        (rest.filesChanged, rest.linesAdded, rest.linesRemoved) = (nil, nil, nil)
        rest.warnings = nil
        return rest
    }

    /// Whether it says a fact.
    var hasFacts: Bool { withoutFacts != self }

    /// Whether it says facts and nothing else.
    var hasOnlyFacts: Bool {
        var rest = withoutFacts
        rest.sequence = nil
        return hasFacts && rest == Report()
    }

    /// Whether it says something of tokens, which a limit of its task counts.
    var hasTokens: Bool { inputTokens != nil || outputTokens != nil }

    /// Those of its warnings that the worker has not.
    func newWarnings(of worker: Worker) -> [String] {
        var seen = Set(worker.warnings.elements)
        return (warnings ?? []).filter { seen.insert($0).inserted }
    }

    /// Writes its facts, the costs excepted, which are the ledger's.
    func setFacts(in changes: inout Changes<Worker>, of worker: Worker) {
        changes.inputTokens = max(worker.inputTokens, inputTokens ?? 0)
        changes.outputTokens = max(worker.outputTokens, outputTokens ?? 0)
        changes.turns = max(worker.turns, turns ?? 0)
        if let url = pullRequestURL { changes.pullRequestURL = url }
        if let branch { changes.branch = branch }
        if let commits { changes.commits = commits }
        if let filesChanged { changes.filesChanged = filesChanged }
        if let linesAdded { changes.linesAdded = linesAdded }
        if let linesRemoved { changes.linesRemoved = linesRemoved }
        let new = newWarnings(of: worker)
        guard !new.isEmpty else { return }
        let all = worker.warnings.elements + new
        changes.warnings = JSONList(Array(all.suffix(Self.warningsOfWorker)))
    }

    /// Adds its new warnings to the history.
    func recordWarnings(of worker: Worker, in tx: Transaction) throws {
        let new = newWarnings(of: worker)
        guard !new.isEmpty else { return }
        try tx.record(
            .workerWarned, workspace: worker.workspaceID, task: worker.taskID, worker: worker.id,
            account: worker.accountID, data: ["warnings": .array(new.map { .string($0) })])
    }

    /// Books what its running total has more than before; the account and the task are locked, and
    /// the lease is nil after the end.
    func bookCost(
        of worker: Worker, _ lease: Lease?, _ task: AgentTask, in tx: Transaction
    ) throws {
        guard let total = costUSD else { return }
        let line = Ledger.Line(
            amount: .zero,
            inputTokens: max(0, (inputTokens ?? 0) - worker.inputTokens),
            outputTokens: max(0, (outputTokens ?? 0) - worker.outputTokens),
            provenance: lease == nil ? .late : .reported)
        try CostIntake(worker: worker, task: task, lease: lease, tx: tx).take(total: total, line)
    }
}
