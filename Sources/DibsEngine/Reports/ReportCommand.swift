internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// Takes what a worker says of itself, in one transaction.
///
/// The lease is renewed first and by its own statement: when that touches no row the worker has
/// lost its task, and nothing of the report is written but facts (`LateReport`).
struct ReportCommand {
    let id: Worker.ID
    let report: Report
    let caller: Caller
    let keepsSlot: Bool
    let tx: Transaction

    /// The worker as it is after, or `lease_lost` where nothing is kept of what is said too late.
    func run() throws -> Result<ReportAnswer, DibsError> {
        let worker = try WorkerAccess.writable(id, by: caller, in: tx)
        guard worker.completedAt == nil else {
            return try LateReport(id: id, report: report, caller: caller, tx: tx).run()
        }
        return .success(try taken(from: worker))
    }

    private func taken(from worker: Worker) throws -> ReportAnswer {
        try checkQuestion(of: worker)
        let isPatient = report.isPatient(of: worker)
        let needsSlot = try !isPatient && WaitingSlot.isLent(by: id, in: tx)
        // What a status can move are counters and the task; what a cost can, the day and the task.
        let moves = report.status != nil
        var room: AccountRoom?
        if moves || needsSlot || report.costUSD != nil {
            room = try AccountRoom.locked(worker.accountID, in: tx)
        }
        if moves {
            try AttemptEnd.lockPlace(of: worker, in: tx)
        } else if needsSlot {
            try WorkspacePlaces.lock(worker.workspaceID, in: tx)
        }
        let needsTask = room != nil || report.hasTokens
        let locked = needsTask ? try TaskRow.locked(worker.taskID, in: tx) : nil
        var lease = try renewed(worker)
        guard let before = try Worker.find(id, in: tx) else {
            throw DibsError.notFound("worker", id)
        }
        if try report.isRepeated(after: lease) { return try answer(before, lease) }
        if !isTooLate(for: locked) { try checkEnd(of: before) }
        if !lease.counted, !isPatient, !isTooLate(for: locked) {
            guard let room, let locked else { throw SlotLent() }
            lease = try WaitingSlot.take(before, locked, room, in: tx)
        }
        try Instructions.arrived(at: id, in: tx)
        try apply(to: before, lease, locked)
        let after = try Worker.find(id, in: tx)
        guard outcome == nil else { return try answer(after ?? before, nil) }
        if room != nil { lease = try LeaseRenewal.renew(worker, in: tx) }
        return try answer(after ?? before, lease)
    }

    /// The lease, which may have ended since the worker was read.
    private func renewed(_ worker: Worker) throws -> Lease {
        do {
            return try LeaseRenewal.renew(worker, in: tx)
        } catch let error as DibsError where error.code == .leaseLost {
            throw EndedMeanwhile()
        }
    }

    /// Whether it completes a task that was cancelled: the worker ends as that, wherever it stands.
    private func isTooLate(for task: AgentTask?) -> Bool {
        report.status == .completed && task?.status == .cancelled
    }

    /// Writes what it says; the worker has its slot, or says nothing that needs one.
    private func apply(to before: Worker, _ lease: Lease, _ locked: AgentTask?) throws {
        if let locked { try report.bookCost(of: before, lease, locked, in: tx) }
        let status =
            isTooLate(for: locked)
            ? report.status : try report.status.map { try next($0, of: before) }
        if status == .running { try Questions.withdraw(.ask, from: before.taskID, in: tx) }
        try update(before, status)
        if status == .waitingInput { try wait(before) }
        if status == .running { try startTask(before) }
        if let locked, report.costUSD != nil || report.hasTokens {
            try TaskLimits.askWhereReached(locked, before, in: tx)
        }
        if let outcome {
            try AttemptEnd(worker: before, outcome: outcome, tx: tx).run()
            try report.keepEnd(of: id, in: tx)
        } else if let sequence = report.sequence {
            try tx.execute(
                """
                UPDATE leases SET sequence = \(sequence), fingerprint = \(report.fingerprint)
                WHERE worker_id = \(id)
                """)
        }
    }

    /// Keeps the question with the task, and lends the slot to others until it is answered.
    private func wait(_ worker: Worker) throws {
        let waiting = report.waitingFor ?? worker.waitingFor
        if let waiting, worker.status != .waitingInput || waiting != worker.waitingFor {
            try Questions.withdraw(.ask, from: worker.taskID, in: tx)
            try Questions.ask(.ask, waiting, of: worker, in: tx)
        }
        guard !keepsSlot, try Questions.asked(of: worker.taskID, in: tx) > 0 else { return }
        try WaitingSlot.giveBack(worker, in: tx)
    }

    private var outcome: Outcome? {
        switch report.status {
        case .completed: .completed(result: report.result)
        case .error:
            .failed(
                report.failureClass ?? .agentFailed, error: report.error,
                retryAfter: report.retryAfterSeconds)
        default: nil
        }
    }

    /// Throws `missing_field` for a worker that begins to wait and does not say what for.
    private func checkQuestion(of worker: Worker) throws {
        guard report.status == .waitingInput, report.waitingFor == nil, worker.waitingFor == nil
        else { return }
        throw DibsError(
            .missingField, "A worker that waits says what for.",
            details: ["field": "waitingFor"],
            hint: #"Send waitingFor: {"prompt": "…", "options": ["…"]}."#)
    }

    /// Throws `illegal_transition` for a completion that would withdraw a question without a word,
    /// and for an end in waiting of a worker that does not wait.
    private func checkEnd(of worker: Worker) throws {
        guard report.isEndInWaiting || report.status == .completed else { return }
        let isAsking = try Questions.asked(of: worker.taskID, in: tx) > 0
        let isWaiting = worker.status == .waitingInput || isAsking
        if report.isEndInWaiting {
            guard !isWaiting else { return }
            throw DibsError(
                .illegalTransition, "The worker waits for nothing.",
                details: ["status": worker.status.rawValue, "event": WorkerEvent.fail.rawValue],
                hint: "Report the error with another failureClass.")
        }
        guard isWaiting else { return }
        throw DibsError(
            .illegalTransition, "The worker waits for an answer, so its work is not complete.",
            details: ["status": worker.status.rawValue, "event": WorkerEvent.complete.rawValue],
            hint: "An agent that ended while it waited is reported as status error, failureClass "
                + "waiting: the question stays, and the next attempt gets the answer. Report "
                + "running first where it went on without one.")
    }

    private func update(_ worker: Worker, _ status: WorkerStatus?) throws {
        let (report, now) = (report, try tx.now())
        let milestones = Self.appending(report.milestones ?? [], to: worker.milestones, at: now)
        try tx.update(Worker.self) {
            if let status, !status.isEnded { $0.status = status }
            if status == .waitingInput, let asked = report.waitingFor { $0.waitingFor = asked }
            if let status, status != .waitingInput { $0.waitingFor = nil }
            if status == .running, worker.startedAt == nil { $0.startedAt = now }
            if let progress = report.progress { $0.progress = progress }
            if let action = report.currentAction { $0.currentAction = action }
            if let milestones {
                $0.milestones = milestones
                $0.increment(\.milestoneCount, by: report.milestones?.count ?? 0)
            }
            report.setFacts(in: &$0, of: worker)
            $0.updatedAt = now
        } where: {
            $0.id == worker.id
        }
        try report.recordWarnings(of: worker, in: tx)
    }

    /// The last 50; nil when there is nothing to add.
    ///
    /// The lease's row is locked, so no other report of this worker appends in between.
    private static func appending(
        _ titles: [String], to list: JSONList<Milestone>, at now: Date
    ) -> JSONList<Milestone>? {
        guard !titles.isEmpty else { return nil }
        let all = list.elements + titles.map { Milestone(title: $0, at: now) }
        return JSONList(Array(all.suffix(50)))
    }

    /// The status it reports, when that is legal; repeating the present one changes nothing.
    private func next(_ status: WorkerStatus, of worker: Worker) throws -> WorkerStatus {
        guard status != worker.status else { return status }
        guard let event = status.event else {
            throw DibsError(
                .illegalTransition, "That cannot happen in its present state.",
                details: ["status": worker.status.rawValue, "event": status.rawValue],
                hint: "A worker is idle only before its first report.")
        }
        return try worker.status.afterOrThrow(event)
    }

    private func startTask(_ worker: Worker) throws {
        let now = try tx.now()
        let from = TaskStatus.transition(.start).from
        let changed = try tx.update(AgentTask.self) {
            $0.status = .inProgress
            $0.updatedAt = now
        } where: {
            $0.id == worker.taskID; $0.status.in(from)
        }
        guard !changed.isEmpty else { return }
        try tx.record(
            .taskStarted, workspace: worker.workspaceID, task: worker.taskID, worker: worker.id,
            account: worker.accountID)
    }

    private func answer(_ worker: Worker, _ lease: Lease?) throws -> ReportAnswer {
        let answer = try ReportAnswer.now(worker, lease, in: tx)
        if !answer.instructions.isEmpty { try Instructions.told(to: id, in: tx) }
        return answer
    }
}

extension Report {
    /// Keeps what ended a worker: its answer may be lost, and then the same report comes again.
    func keepEnd(of worker: Worker.ID, in tx: Transaction) throws {
        guard sequence != nil else { return }
        try tx.execute("UPDATE workers SET last_report = \(fingerprint) WHERE id = \(worker)")
    }
}
