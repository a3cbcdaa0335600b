internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// The day after its worker's end in which what stays true of an attempt may still be said.
enum LateWord {
    /// Length of that time.
    static let lateness: TimeInterval = 24 * 3600

    /// Throws `lease_lost` for a worker that ended too long ago.
    static func check(_ worker: Worker, in tx: Transaction) throws {
        guard let end = worker.completedAt else { return }
        guard try tx.now() < end.addingTimeInterval(lateness) else {
            throw try LeaseLost.error(worker, in: tx)
        }
    }
}

/// A worker ended between a look without locks and the word that needs its lease: the word is tried
/// again, and then is a late one.
struct EndedMeanwhile: Error {}

/// Takes what is said of a worker after its end.
///
/// A completion is adopted while nobody has touched the task; otherwise it is refused, and the
/// branch and the commits that it names are what the next attempt is offered. Facts are kept in
/// any case: a refusal that keeps something is returned and not thrown, for a throw would undo it.
struct LateReport {
    let id: Worker.ID
    let report: Report
    let caller: Caller
    let tx: Transaction

    /// The answer, or `lease_lost` for what only a live worker says; throws it where nothing is
    /// kept.
    func run() throws -> Result<ReportAnswer, DibsError> {
        let seen = try WorkerAccess.writable(id, by: caller, in: tx)
        _ = try AccountRoom.locked(seen.accountID, in: tx)
        if report.status == .completed { try AttemptEnd.lockPlace(of: seen, in: tx) }
        guard let task = try TaskRow.locked(seen.taskID, in: tx) else {
            throw DibsError.notFound("task", seen.taskID)
        }
        // Another word of it may have come between.
        let worker = try WorkerAccess.writable(id, by: caller, in: tx)
        if try report.isEnd(of: worker) { return .success(try .now(worker, nil, in: tx)) }
        let isAdopted =
            try report.status == .completed && Adoption.isPossible(worker, task, in: tx)
        guard isAdopted || report.hasFacts else { throw try LeaseLost.error(worker, in: tx) }
        if !isAdopted { try LateWord.check(worker, in: tx) }
        try keepFacts(of: worker, task)
        if isAdopted {
            try Adoption.take(task, report.result, in: tx)
            try report.keepEnd(of: id, in: tx)
        } else if report.costUSD != nil || report.hasTokens {
            try TaskLimits.settle(task.id, worker, in: tx)
        }
        let after = try Worker.find(id, in: tx) ?? worker
        guard isAdopted || report.hasOnlyFacts else {
            return .failure(try LeaseLost.error(after, in: tx))
        }
        var answer = try ReportAnswer.now(after, nil, in: tx)
        if !isAdopted { answer.stop = answer.stop ?? .ended }
        return .success(answer)
    }

    private func keepFacts(of worker: Worker, _ task: AgentTask) throws {
        try report.bookCost(of: worker, nil, task, in: tx)
        let (report, now) = (report, try tx.now())
        try tx.update(Worker.self) {
            report.setFacts(in: &$0, of: worker)
            $0.updatedAt = now
        } where: {
            $0.id == worker.id
        }
        try report.recordWarnings(of: worker, in: tx)
    }
}
