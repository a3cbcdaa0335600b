internal import DibsCore
internal import DibsData
internal import DibsSchema

extension ReportAnswer {
    /// Tells a worker how long it has, what is left to spend, what people said, and why to stop.
    ///
    /// The lease is nil once it has ended.
    static func now(
        _ worker: Worker, _ lease: Lease?, in session: some Session
    ) throws -> ReportAnswer {
        let found = try Worker.where { $0.id == worker.id }
            .with(Worker.task, Worker.account).first(in: session)
        guard let (_, task, account) = found else { throw DibsError.notFound("worker", worker.id) }
        guard let lease else {
            return ReportAnswer(
                worker: worker,
                remainingToday: try DayMoney.room(of: account, at: session.now(), in: session),
                parked: try ParkedCost.open(of: worker.id, in: session),
                stop: worker.failureClass == .cancelled ? .cancelled : nil)
        }
        let verdict = try Verdict.of(worker, lease, task, account, in: session)
        let isWaiting = worker.status == .waitingInput
        let answers = try isWaiting ? Questions.answers(task.id, in: session) : .none
        let instructions = try Instructions.waiting(for: worker.id, in: session)
        return ReportAnswer(
            worker: worker, leaseExpiresAt: lease.expiresAt, remainingToday: verdict.room,
            stopAt: verdict.stopAt, instructions: instructions.map(\.text),
            answers: answers.newest, answersLeftOut: answers.leftOut,
            parked: verdict.parked, stop: verdict.stop,
            said: digest(verdict.stop, instructions, answers.newest))
    }

    /// A digest of what is said; nil for nothing.
    private static func digest(
        _ stop: StopReason?, _ instructions: [Instruction], _ answers: [Question]
    ) -> String? {
        let said =
            [stop?.rawValue].compactMap(\.self) + instructions.map { "\($0.id)" }
            + answers.map { "\($0.id)" }
        guard !said.isEmpty else { return nil }
        return String(Fingerprint.of(said.joined(separator: " ")).prefix(16))
    }
}
