internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// Takes what a worker says of itself, in one transaction.
///
/// The lease is renewed first and by its own statement: when that touches no row the worker has
/// lost its task, and nothing of the report is written.
struct ReportCommand {
    let id: Worker.ID
    let report: Report
    let caller: Caller
    let keepsSlot: Bool
    let tx: Transaction

    /// The worker as it is after, or `lease_lost`.
    func run() throws -> ReportAnswer {
        let worker = try WorkerAccess.writable(id, by: caller, in: tx)
        try check(worker)
        // What a status can move are counters and the task; what a cost can, the day and the task.
        let moves = report.status != nil
        var room: AccountRoom?
        if moves || report.costUSD != nil {
            room = try AccountRoom.locked(worker.accountID, in: tx)
        }
        if moves { try AttemptEnd.lockPlace(of: worker, in: tx) }
        let locked = try room == nil && !hasTokens ? nil : TaskRow.locked(worker.taskID, in: tx)
        if let locked, let adopted = try adopted(locked) { return adopted }
        var lease = try LeaseRenewal.renew(worker, in: tx)
        if let sequence = report.sequence, sequence <= lease.sequence {
            return try answer(worker, lease)
        }
        let fresh = try Worker.where { $0.id == worker.id }.first(in: tx)
        guard let before = fresh else { throw DibsError.notFound("worker", id) }
        try addCost(before, lease, locked)
        let status = try report.status.map { try next($0, of: before) }
        if status == .running, let room, let locked {
            if !lease.counted { try WaitingSlot.take(before, locked, room, in: tx) }
            try Questions.withdraw(.ask, from: worker.taskID, in: tx)
        }
        try update(before, status)
        if status == .waitingInput { try wait(before) }
        if report.status == .running { try startTask(before) }
        if let locked, report.costUSD != nil || hasTokens {
            try TaskLimits.askWhereReached(locked, before, in: tx)
        }
        if let outcome {
            try AttemptEnd(worker: before, outcome: outcome, tx: tx).run()
        } else if let sequence = report.sequence {
            try tx.execute(
                "UPDATE leases SET sequence = \(sequence) WHERE worker_id = \(worker.id)")
        }
        let after = try Worker.where { $0.id == worker.id }.first(in: tx)
        if outcome == nil, room != nil { lease = try LeaseRenewal.renew(worker, in: tx) }
        return try answer(after ?? before, outcome == nil ? lease : nil)
    }

    private var hasTokens: Bool { report.inputTokens != nil || report.outputTokens != nil }

    /// The answer to a completion that came after the lease and can be taken all the same.
    private func adopted(_ task: AgentTask) throws -> ReportAnswer? {
        guard report.status == .completed, task.status == .pending,
            let worker = try Worker.where({ $0.id == id }).first(in: tx),
            Adoption.isPossible(worker, task)
        else { return nil }
        if let cost = report.costUSD, cost > worker.costUSD {
            let late = Ledger.Line(amount: try cost - worker.costUSD, provenance: .late)
            _ = try Ledger(worker: worker, tx: tx).add(late)
        }
        let report = report
        let changed = try tx.update(Worker.self) {
            $0.costUSD = max(worker.costUSD, report.costUSD ?? worker.costUSD)
            if let count = report.commits { $0.commits = count }
            if let url = report.pullRequestURL { $0.pullRequestURL = url }
        } where: {
            $0.id == worker.id
        }
        try Adoption.take(task, report.result, in: tx)
        return try answer(changed.first ?? worker, nil)
    }

    /// Keeps the question with the task, and gives the slot to others meanwhile.
    private func wait(_ worker: Worker) throws {
        let waiting = report.waitingFor ?? worker.waitingFor
        guard let waiting, worker.status != .waitingInput || waiting != worker.waitingFor else {
            return
        }
        try Questions.withdraw(.ask, from: worker.taskID, in: tx)
        try Questions.ask(.ask, waiting, of: worker, in: tx)
        if !keepsSlot { try WaitingSlot.giveBack(worker, in: tx) }
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

    private func check(_ worker: Worker) throws {
        if let progress = report.progress { try Check.range(progress, 0...100, "progress") }
        try Check.notNegative(report.costUSD, "costUsd")
        try Check.notNegative(report.inputTokens, "inputTokens")
        try Check.notNegative(report.outputTokens, "outputTokens")
        try Check.notNegative(report.turns, "turns")
        try Check.notNegative(report.commits, "commits")
        try Check.notNegative(report.filesChanged, "filesChanged")
        try Check.notNegative(report.linesAdded, "linesAdded")
        try Check.notNegative(report.linesRemoved, "linesRemoved")
        try Check.atLeastOne(report.sequence, "sequence")
        try report.currentAction.map { try Check.length($0, 0...500, "currentAction") }
        try report.error.map { try Check.length($0, 0...10_000, "error") }
        for title in report.milestones ?? [] { try Check.length(title, 1...500, "milestones") }
        if let reason = report.failureClass, !FailureClass.reportable.contains(reason) {
            throw DibsError(
                .invalidField, "A worker cannot report that failure class.",
                details: ["field": "failureClass"],
                hint: "Use agent_failed, rate_limited, infrastructure or budget.")
        }
        if let seconds = report.retryAfterSeconds {
            try Check.range(seconds, 1...3600, "retryAfterSeconds")
        }
        if let asked = report.waitingFor {
            try Check.length(asked.prompt, 1...10_000, "waitingFor.prompt")
            try Check.range(asked.options.count, 0...20, "waitingFor.options")
        }
        if report.status == .waitingInput, report.waitingFor == nil, worker.waitingFor == nil {
            throw DibsError(
                .missingField, "A worker that waits says what for.",
                details: ["field": "waitingFor"],
                hint: #"Send waitingFor: {"prompt": "…", "options": ["…"]}."#)
        }
    }

    /// What is more than before goes to the ledger, and from the hold to the day.
    private func addCost(_ worker: Worker, _ lease: Lease, _ task: AgentTask?) throws {
        guard let task, let cost = report.costUSD, cost > worker.costUSD else { return }
        let line = Ledger.Line(
            amount: try cost - worker.costUSD,
            inputTokens: max(0, (report.inputTokens ?? worker.inputTokens) - worker.inputTokens),
            outputTokens: max(0, (report.outputTokens ?? worker.outputTokens) - worker.outputTokens)
        )
        _ = try Ledger(worker: worker, tx: tx).add(line)
        try tx.execute(
            "UPDATE workers SET cost_usd = \(cost) WHERE id = \(worker.id)")
        try Allowance.spend(line.amount, lease, task, in: tx)
    }

    private func update(_ worker: Worker, _ status: WorkerStatus?) throws {
        let (report, now) = (report, try tx.now())
        let milestones = Self.appending(report.milestones ?? [], to: worker.milestones, at: now)
        try tx.update(Worker.self) {
            if let status, !status.isEnded { $0.status = status }
            if let waiting = report.waitingFor { $0.waitingFor = waiting }
            if let status, status != .waitingInput { $0.waitingFor = nil }
            if status == .running, worker.startedAt == nil { $0.startedAt = now }
            if let progress = report.progress { $0.progress = progress }
            if let action = report.currentAction { $0.currentAction = action }
            if let milestones { $0.milestones = milestones }
            $0.costUSD = max(worker.costUSD, report.costUSD ?? worker.costUSD)
            $0.inputTokens = max(worker.inputTokens, report.inputTokens ?? 0)
            $0.outputTokens = max(worker.outputTokens, report.outputTokens ?? 0)
            $0.turns = max(worker.turns, report.turns ?? 0)
            if let url = report.pullRequestURL { $0.pullRequestURL = url }
            if let count = report.commits { $0.commits = count }
            if let count = report.filesChanged { $0.filesChanged = count }
            if let count = report.linesAdded { $0.linesAdded = count }
            if let count = report.linesRemoved { $0.linesRemoved = count }
            $0.updatedAt = now
        } where: {
            $0.id == worker.id
        }
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
        try ReportAnswer.now(worker, lease, in: tx)
    }
}

extension ReportAnswer {
    /// What a worker is told: how long it has, what is left to spend, and whether to stop.
    static func now(_ worker: Worker, _ lease: Lease?, in tx: Transaction) throws -> ReportAnswer {
        let found = try Worker.where { $0.id == worker.id }
            .with(Worker.task, Worker.account).first(in: tx)
        guard let (_, task, account) = found else { throw DibsError.notFound("worker", worker.id) }
        guard let lease else {
            let room = try DayMoney.room(of: account, at: tx.now(), in: tx)
            return ReportAnswer(worker: worker, remainingToday: room)
        }
        let verdict = try Verdict.of(worker, lease, task, account, in: tx)
        let isWaiting = worker.status == .waitingInput
        return ReportAnswer(
            worker: worker, leaseExpiresAt: lease.expiresAt, remainingToday: verdict.room,
            stopAt: verdict.stopAt,
            answers: isWaiting ? try Questions.answers(task.id, in: tx) : [], stop: verdict.stop)
    }
}
