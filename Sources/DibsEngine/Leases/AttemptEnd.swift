internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// The end of an attempt, whoever says so: the worker, a person, or the reaper.
enum Outcome: Sendable {
    /// A success, with the result it left.
    case completed(result: JSON?)
    /// A failure, with its reason.
    case failed(FailureClass, error: String?, retryAfter: Int? = nil)
}

/// Ends one attempt: the worker, its lease, its slots, its task and who waits for that task.
///
/// The caller has locked the account (and its seat) and then the place; the task is locked here,
/// and the lease and the worker after it. Ending twice is impossible: the lease is deleted by
/// exactly one.
struct AttemptEnd {
    let worker: Worker
    let outcome: Outcome
    let tx: Transaction

    /// Locks what comes between the account and the task: the edges that a completion may open, and
    /// the workspace's counter.
    static func lockPlace(of worker: Worker, in tx: Transaction) throws {
        try Dependencies.lockForCompletion(worker.workspaceID, in: tx)
        try WorkspacePlaces.lock(worker.workspaceID, in: tx)
    }

    /// Ends it; throws `lease_lost` when it has ended already.
    func run() throws {
        guard let task = try TaskRow.locked(worker.taskID, in: tx) else {
            throw DibsError.notFound("task", worker.taskID)
        }
        let now = try tx.now()
        let lease = try tx.rows(
            "DELETE FROM leases WHERE worker_id = \(worker.id) RETURNING counted", as: Bool.self)
        guard let counted = lease.first else { throw try LeaseLost.error(worker, in: tx) }
        try endWorker(now, isCancelled: task.status == .cancelled)
        let account = try Account.where { $0.id == worker.accountID }.first(in: tx)
        if counted {
            if let account { try AccountRoom.release(account, in: tx) }
            try WorkspacePlaces.release(worker.workspaceID, in: tx)
        }
        // A cancelled task stays cancelled, and its worker ends as that, whatever it says it did.
        guard task.status != .cancelled else { return try countEnd(of: task) }
        switch outcome {
        case .completed(let result): try finish(task, result, now)
        case .failed(let reason, _, let retryAfter):
            if try isContent(task) { return try finish(task, nil, now) }
            let isAsked = try TaskLimits.askWhereReached(task, worker, in: tx)
            let wait = Wait(reason: reason, retryAfter: retryAfter, isAsked: isAsked)
            try giveBack(task, wait, account?.day(at: now).end, now)
        }
    }

    private func countEnd(of task: AgentTask) throws {
        try tx.update(AgentTask.self) {
            $0.claimedBy = nil
            $0.claimedAt = nil
            $0.expiresAt = nil
            $0.increment(\.ends)
        } where: {
            $0.id == task.id
        }
    }

    private func endWorker(_ now: Date, isCancelled: Bool) throws {
        let (worker, outcome) = (worker, outcome)
        try tx.update(Worker.self) {
            switch outcome {
            case .completed where isCancelled:
                $0.status = .error
                $0.failureClass = .cancelled
            case .completed:
                $0.status = .completed
                $0.progress = 100
            case .failed(let reason, let error, _):
                $0.status = .error
                $0.failureClass = isCancelled ? .cancelled : reason
                $0.error = error
            }
            $0.waitingFor = nil
            $0.completedAt = now
            $0.updatedAt = now
        } where: {
            $0.id == worker.id
        }
        tx.say(to: worker.id)
        try tx.record(
            .workerEnded, workspace: worker.workspaceID, task: worker.taskID, worker: worker.id,
            account: worker.accountID)
    }

    private func finish(_ task: AgentTask, _ result: JSON?, _ now: Date) throws {
        try Questions.withdraw(from: task.id, in: tx)
        let event: TaskEvent = task.needsReview ? .submit : .finish
        let status = try task.status.afterOrThrow(event)
        try tx.update(AgentTask.self) {
            $0.status = status
            $0.result = result
            $0.claimedBy = nil
            $0.claimedAt = nil
            $0.expiresAt = nil
            $0.increment(\.ends)
            $0.updatedAt = now
        } where: {
            $0.id == task.id
        }
        try tx.execute(
            "UPDATE accounts SET total_tasks = total_tasks + 1 WHERE id = \(worker.accountID)")
        if status == .completed { try Dependencies.completed(task.id, in: tx) }
        try tx.record(
            status == .completed ? .taskCompleted : .taskSubmitted, workspace: task.workspaceID,
            task: task.id, worker: worker.id, account: worker.accountID)
    }

    /// Whether a person said of a limit that what is there will do.
    private func isContent(_ task: AgentTask) throws -> Bool {
        let said = try Question.where {
            $0.taskID == task.id; $0.workerID == worker.id; $0.kind == .limit
        }
        .order { $0.createdAt.descending }.first(in: tx)
        return said?.answer == LimitAnswer.finish.rawValue
    }

    /// The reason why a task goes back, as far as it decides when it may be claimed again.
    private struct Wait {
        let reason: FailureClass
        let retryAfter: Int?
        /// Whether a limit of the task asks a person, who decides then.
        let isAsked: Bool
    }

    private func giveBack(
        _ task: AgentTask, _ wait: Wait, _ tomorrow: Date?, _ now: Date
    ) throws {
        let attempts = task.attempts + (try burnsAttempt(wait.reason) ? 1 : 0)
        let isSpent = try attempts >= task.maxAttempts || isWornOut(task)
        let status = try task.status.afterOrThrow(isSpent ? .giveUp : .giveBack)
        let notBefore = isSpent ? nil : moment(wait, attempts, tomorrow, now)
        let lane = try Lanes.intern(for: task, in: tx)
        let returned = try tx.update(AgentTask.self) {
            $0.status = status
            $0.laneID = lane
            $0.claimedBy = nil
            $0.claimedAt = nil
            $0.expiresAt = nil
            $0.attempts = attempts
            $0.increment(\.ends)
            $0.notBefore = notBefore
            $0.updatedAt = now
        } where: {
            $0.id == task.id
        }
        if isSpent { try Questions.withdraw(from: task.id, in: tx) }
        tx.open(returned)
        try tx.record(
            isSpent ? .taskFailed : .taskReturned, workspace: task.workspaceID, task: task.id,
            worker: worker.id, account: worker.accountID,
            data: ["reason": .string(wait.reason.rawValue)])
    }

    /// Whether it has ended ten times as often as it may be attempted.
    ///
    /// All that one account released counts once, or whoever may claim could let a task fail by
    /// claiming and releasing it.
    private func isWornOut(_ task: AgentTask) throws -> Bool {
        let most = 10 * task.maxAttempts
        guard task.ends + 1 >= most else { return false }
        let released = try tx.rows(
            """
            SELECT count(*), count(DISTINCT account_id) FROM workers
            WHERE task_id = \(task.id) AND failure_class = 'released'
            """, as: Int.self, Int.self)
        let (all, accounts) = released.first ?? (0, 0)
        return task.ends + 1 - all + accounts >= most
    }

    /// Computes the moment at which it may be claimed again; nil is at once.
    private func moment(
        _ wait: Wait, _ attempts: Int, _ tomorrow: Date?, _ now: Date
    ) -> Date? {
        // The limit of the task asks a person; the limit of the day is gone tomorrow.
        if wait.reason == .budget { return wait.isAsked ? nil : tomorrow }
        let seconds =
            wait.reason == .rateLimited
            ? wait.retryAfter ?? FailureClass.rateLimited.backOffSeconds(attempts: attempts)
            : wait.reason.backOffSeconds(attempts: attempts)
        return seconds > 0 ? now.addingTimeInterval(TimeInterval(seconds)) : nil
    }

    /// An end of the infrastructure burns nothing, but five in a row burn one attempt.
    private func burnsAttempt(_ reason: FailureClass) throws -> Bool {
        guard reason == .infrastructure else { return reason.burnsAttempt }
        let ends = try tx.rows(
            """
            SELECT failure_class FROM workers
            WHERE task_id = \(worker.taskID) AND completed_at IS NOT NULL
            ORDER BY created_at DESC LIMIT 1000
            """, as: FailureClass?.self)
        let row = ends.prefix { $0 == .infrastructure }.count
        return row.isMultiple(of: FailureClass.infrastructureEndsABurn)
    }
}

/// A task under its lock.
enum TaskRow {
    /// Locks a task and reads it; nil when there is none.
    static func locked(_ id: AgentTask.ID, in tx: Transaction) throws -> AgentTask? {
        try tx.all(
            AgentTask.self,
            "SELECT \(columns: AgentTask.self) FROM tasks WHERE id = \(id) \(Lock.row)"
        ).first
    }
}

/// The error for a worker whose lease is gone.
enum LeaseLost {
    /// `lease_lost`, with who holds the task now.
    static func error(_ worker: Worker, in session: some Session) throws -> DibsError {
        let holder = try session.rows(
            "SELECT worker_id FROM leases WHERE task_id = \(worker.taskID)", as: Worker.ID.self)
        let task = try AgentTask.where { $0.id == worker.taskID }.first(in: session)
        var details = ["worker": "\(worker.id)", "task": "\(worker.taskID)"]
        details["status"] = task?.status.rawValue
        details["holder"] = holder.first.map { "\($0)" }
        // What it did is not lost: the next attempt is offered it under this id.
        details["salvage"] = "\(worker.id)"
        details["branch"] = worker.branch
        return DibsError(
            .leaseLost, "The lease is no longer this worker's.", details: details,
            hint: "Stop; leave the commits on the branch, the next attempt gets it as salvage. "
                + "What it cost, made and left is still taken for a day. Then claim again.")
    }
}
