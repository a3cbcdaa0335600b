internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

extension AgentTask {
    /// Whether it has a limit over all its attempts, besides their number.
    var hasLimits: Bool { maxCost != nil || maxTokens != nil || maxDurationSeconds != nil }
}

/// The limits of a task over all its attempts: money, tokens and time.
///
/// Where one is reached the worker is told to stop and a person is asked to raise it, to finish
/// with what is there, or to stop; the open question keeps the task from being claimed. What was
/// used is not kept but added up from the attempts, which are few.
enum TaskLimits {
    /// An attempt may take so long where its task does not say.
    static let defaultSeconds = 24 * 3600

    /// What all attempts of a task used so far.
    struct Use: Sendable {
        var cost = USD.zero
        var tokens = 0
        var seconds = 0
    }

    /// Adds up the attempts, the live one until now.
    static func use(
        of task: AgentTask, at now: Date, in session: some Session
    ) throws -> Use {
        let rows = try session.rows(
            """
            SELECT cost_usd, input_tokens, output_tokens, created_at, completed_at
            FROM workers WHERE task_id = \(task.id)
            """, as: USD.self, Int.self, Int.self, Date.self, Date?.self)
        return try rows.reduce(into: Use()) { use, row in
            use.cost = try use.cost + row.0
            use.tokens += row.1 + row.2
            use.seconds += Int((row.4 ?? now).timeIntervalSince(row.3))
        }
    }

    /// What the limit of each task leaves; a task without a limit is not in it.
    static func moneyLeft(
        of tasks: [AgentTask], in session: some Session
    ) throws -> [AgentTask.ID: USD] {
        let limited = tasks.filter { $0.maxCost != nil }
        guard !limited.isEmpty else { return [:] }
        let spent = try session.rows(
            """
            SELECT task_id, sum(cost_usd) FROM workers
            WHERE task_id \(in: limited.map(\.id)) GROUP BY task_id
            """, as: AgentTask.ID.self, USD.self)
        var left: [AgentTask.ID: USD] = [:]
        for task in limited { left[task.id] = task.maxCost }
        for (task, amount) in spent { left[task] = try left[task].map { try $0 - amount } }
        return left.mapValues { max($0, .zero) }
    }

    /// When an attempt that begins now must end.
    static func end(
        of task: AgentTask, from now: Date, in session: some Session
    ) throws -> Date {
        guard let most = task.maxDurationSeconds else {
            return now.addingTimeInterval(TimeInterval(defaultSeconds))
        }
        let used = task.ends == 0 ? 0 : try use(of: task, at: now, in: session).seconds
        return now.addingTimeInterval(TimeInterval(max(most - used, 1)))
    }

    /// The first limit that is reached, in words; of money when its reserve is.
    static func reached(_ task: AgentTask, _ use: Use) -> String? {
        if let most = task.maxCost, let stopAt = try? Hold.stopAt(of: most), use.cost >= stopAt {
            return "spent $\(use.cost) of its $\(most)"
        }
        if let most = task.maxTokens, use.tokens >= most {
            return "used \(use.tokens) of its \(most) tokens"
        }
        if let most = task.maxDurationSeconds, use.seconds >= most {
            return "taken \(use.seconds) of its \(most) seconds"
        }
        return nil
    }

    /// Asks what to do when a limit is reached and nobody was asked yet; answers whether one is.
    ///
    /// The task is locked.
    @discardableResult
    static func askWhereReached(
        _ task: AgentTask, _ worker: Worker, in tx: Transaction
    ) throws -> Bool {
        guard task.hasLimits, !task.status.isClosed else { return false }
        let use = try use(of: task, at: tx.now(), in: tx)
        guard let words = reached(task, use) else { return false }
        let asked = try Question.where {
            $0.taskID == task.id; $0.kind == .limit; $0.answeredAt == nil
        }
        .count(in: tx)
        guard asked == 0 else { return true }
        let options = LimitAnswer.allCases.map(\.rawValue)
        try Questions.ask(
            .limit,
            WaitingFor(
                type: "limit",
                prompt: "The task has \(words) over all its attempts. "
                    + "Raise it by as much again, finish with what is there, or stop?",
                options: options), of: worker, in: tx)
        return true
    }

    /// Raises what is reached by as much again, until it is not.
    static func raise(_ task: AgentTask, in tx: Transaction) throws {
        let use = try use(of: task, at: tx.now(), in: tx)
        var raised = task
        while reached(raised, use) != nil {
            let before = raised
            if let most = raised.maxCost, let original = task.maxCost,
                try use.cost >= Hold.stopAt(of: most)
            {
                raised.maxCost = try most + max(original, "0.01")
            }
            if let most = raised.maxTokens, use.tokens >= most { raised.maxTokens = most * 2 }
            if let most = raised.maxDurationSeconds, use.seconds >= most {
                raised.maxDurationSeconds = most * 2
            }
            guard raised != before else { break }
        }
        try store(raised, in: tx)
    }

    private static func store(_ raised: AgentTask, in tx: Transaction) throws {
        let lane = try Lanes.intern(for: raised, in: tx)
        let now = try tx.now()
        try tx.update(AgentTask.self) {
            $0.laneID = lane
            $0.maxCost = raised.maxCost
            $0.maxTokens = raised.maxTokens
            $0.maxDurationSeconds = raised.maxDurationSeconds
            $0.updatedAt = now
        } where: {
            $0.id == raised.id
        }
    }
}
