internal import DibsCore
internal import DibsData
internal import DibsSchema

extension ReportAnswer {
    /// Tells a worker how long it has, what is left to spend, what people said, and why to stop.
    ///
    /// The lease is nil once it has ended.
    static func now(_ worker: Worker, _ lease: Lease?, in tx: Transaction) throws -> ReportAnswer {
        let found = try Worker.where { $0.id == worker.id }
            .with(Worker.task, Worker.account).first(in: tx)
        guard let (_, task, account) = found else { throw DibsError.notFound("worker", worker.id) }
        guard let lease else {
            return ReportAnswer(
                worker: worker,
                remainingToday: try DayMoney.room(of: account, at: tx.now(), in: tx),
                parked: try ParkedCost.open(of: worker.id, in: tx),
                stop: worker.failureClass == .cancelled ? .cancelled : nil)
        }
        let verdict = try Verdict.of(worker, lease, task, account, in: tx)
        let isWaiting = worker.status == .waitingInput
        let answers = try isWaiting ? Questions.answers(task.id, in: tx) : .none
        return ReportAnswer(
            worker: worker, leaseExpiresAt: lease.expiresAt, remainingToday: verdict.room,
            stopAt: verdict.stopAt,
            instructions: try Instructions.waiting(for: worker.id, in: tx).map(\.text),
            answers: answers.newest, answersLeftOut: answers.leftOut,
            parked: verdict.parked,
            stop: verdict.stop)
    }
}
