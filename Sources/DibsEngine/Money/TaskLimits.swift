internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

extension AgentTask {
    /// Whether it has a limit over all its attempts, besides their number.
    var hasLimits: Bool { maxCost != nil || maxTokens != nil || maxDurationSeconds != nil }
}

/// The limits of a task over all its attempts: money, tokens and time.
///
/// Once a limit is reached the worker is told to stop and a person is asked to raise it, to finish
/// with what is there, or to stop; the open question keeps the task from being claimed. What was
/// used is not kept but added up from the attempts, which are few.
enum TaskLimits {
    /// An attempt may take so long where its task does not say.
    static let defaultSeconds = 24 * 3600

    /// The use that all attempts of a task made so far.
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
        return rows.reduce(into: Use()) { use, row in
            use.cost = USD.clamped([use.cost, row.0])
            use.tokens = use.tokens.adding(saturating: row.1.adding(saturating: row.2))
            let seconds = Int(saturating: (row.4 ?? now).timeIntervalSince(row.3))
            use.seconds = use.seconds.adding(saturating: seconds)
        }
    }

    /// The money that the limit of each task leaves; a task without a limit is not in it.
    static func moneyLeft(
        of tasks: [AgentTask], in session: some Session
    ) throws -> [AgentTask.ID: USD] {
        let limited = tasks.filter { $0.maxCost != nil }
        guard !limited.isEmpty else { return [:] }
        let spent = try session.rows(
            """
            SELECT task_id, cost_usd FROM workers WHERE task_id \(in: limited.map(\.id))
            """, as: AgentTask.ID.self, USD.self)
        var left: [AgentTask.ID: USD] = [:]
        for task in limited { left[task.id] = task.maxCost }
        for (task, amount) in spent {
            left[task] = left[task].map { USD.clamped([$0, USD(nanos: -amount.nanos)]) }
        }
        return left.mapValues { max($0, .zero) }
    }

    /// Computes the moment at which an attempt that begins now must end.
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
        // Not always the one that reached it: an earlier attempt's costs may come late.
        let holders = try tx.rows(
            "SELECT worker_id FROM leases WHERE task_id = \(task.id)", as: Worker.ID.self)
        for holder in holders { tx.say(to: holder) }
        return true
    }

    /// Asks where a limit is reached, and asks no more where none is any more; a pending task waits
    /// in the lane of what it may still cost.
    ///
    /// The task is locked.
    static func settle(_ id: AgentTask.ID, _ worker: Worker, in tx: Transaction) throws {
        guard let task = try AgentTask.find(id, in: tx), task.hasLimits else { return }
        if try !askWhereReached(task, worker, in: tx), !task.status.isClosed {
            try Questions.withdraw(.limit, from: id, in: tx)
        }
        guard task.status == .pending, task.maxCost != nil else { return }
        let lane = try Lanes.intern(for: task, in: tx)
        try tx.execute("UPDATE tasks SET lane_id = \(lane) WHERE id = \(id)")
        if let after = try AgentTask.find(id, in: tx) { tx.open([after]) }
    }
}

/// Raising a limit that is reached, when a person says so.
extension TaskLimits {
    /// Raises what is reached by as much again, as often as it takes, at most to the largest limit
    /// there is; throws `invalid_field` when even that one is reached.
    static func raise(_ task: AgentTask, by person: Account.ID, in tx: Transaction) throws {
        let use = try use(of: task, at: tx.now(), in: tx)
        var raised = task
        raised.maxCost = task.maxCost.map { Self.raised($0, past: use.cost) }
        raised.maxTokens = task.maxTokens.map { doubled($0, past: use.tokens, upTo: mostTokens) }
        raised.maxDurationSeconds = task.maxDurationSeconds.map {
            doubled($0, past: use.seconds, upTo: mostSeconds)
        }
        if let words = reached(raised, use) {
            throw DibsError(
                .invalidField, "The largest limit that can be set is reached as well.",
                details: ["field": "answer", "reached": words],
                hint: "Take the limit away (dibs task edit), or answer finish or stop.")
        }
        try store(raised, in: tx)
        let names = changes(from: task, to: raised)
        guard !names.isEmpty else { return }
        try tx.record(
            .taskUpdated, workspace: task.workspaceID, task: task.id, account: person,
            data: ["changed": .array(names.map { .string($0.name) })])
        let words = names.map { "\($0.name) is \($0.value) now" }.joined(separator: ", ")
        try Instructions.tell(
            "A person has raised the limits of this task: \(words).", on: task.id, by: person,
            in: tx)
    }

    private static let mostTokens = 1_000_000_000_000
    private static let mostSeconds = 1_000_000

    /// An amount and as often as much again, or a cent, as it takes for `used` to be below where it
    /// stops; the largest amount there is where nothing is enough.
    static func raised(_ amount: USD, past used: USD) -> USD {
        let step = max(amount.nanos, 10_000_000)
        func after(_ steps: Int64) -> USD { USD(nanos: amount.nanos + steps * step) }
        func isEnough(_ steps: Int64) -> Bool {
            let amount = after(steps)
            return used.nanos < amount.nanos - Hold.reserve(of: amount).nanos
        }
        // Where it stops grows with the amount, so the least number is found by halving.
        var (low, high) = (Int64(0), (USD.largest.nanos - amount.nanos) / step)
        guard isEnough(high) else { return .largest }
        while low < high {
            let middle = low + (high - low) / 2
            if isEnough(middle) { high = middle } else { low = middle + 1 }
        }
        return after(low)
    }

    /// A number and its doubles until `used` is below it, at most `most`.
    private static func doubled(_ number: Int, past used: Int, upTo most: Int) -> Int {
        var number = number
        while number <= used, number < most { number = min(number * 2, most) }
        return number
    }

    private static func changes(
        from task: AgentTask, to raised: AgentTask
    ) -> [(name: String, value: String)] {
        var changes: [(String, String)] = []
        if let most = raised.maxCost, most != task.maxCost {
            changes.append(("maxCost", "$\(most)"))
        }
        if let most = raised.maxTokens, most != task.maxTokens {
            changes.append(("maxTokens", "\(most)"))
        }
        if let most = raised.maxDurationSeconds, most != task.maxDurationSeconds {
            changes.append(("maxDurationSeconds", "\(most)"))
        }
        return changes
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
