import DibsCore

/// What workers say.
extension Model {
    mutating func report(
        _ number: Int, _ body: (inout Model, Int) -> ErrorCode?
    ) -> ErrorCode? {
        guard !workers.isEmpty else { return nil }
        let index = number % workers.count
        guard workers[index].isLive else { return .leaseLost }
        var after = self
        let last = min(now + 900_000, workers[index].ends + 60_000)
        after.workers[index].expires = max(workers[index].expires, last)
        if let refusal = body(&after, index) { return refusal }
        self = after
        return nil
    }

    mutating func start(_ worker: Int) -> ErrorCode? {
        let (task, account) = (workers[worker].task, workers[worker].account)
        if !workers[worker].counted {
            guard counted(in: account).count < accounts[account].workers else {
                return .workerLimit
            }
            guard places(in: tasks[task].workspace) > 0 else { return .workspaceLimit }
            guard let hold = hold(task, account) else { return .dayLimit }
            workers[worker].hold = hold
            workers[worker].counted = true
            workers[worker].answered = false
        }
        workers[worker].status = .running
        withdraw(.ask, from: task)
        if tasks[task].status == .assigned {
            tasks[task].status = .inProgress
            tasks[task].touched = now
        }
        return nil
    }

    mutating func wait(_ worker: Int) -> ErrorCode? {
        guard workers[worker].status != .waitingInput else { return nil }
        guard workers[worker].status == .running else { return .illegalTransition }
        workers[worker].status = .waitingInput
        workers[worker].counted = false
        workers[worker].hold = 0
        questions.append(Question(task: workers[worker].task, worker: worker, kind: .ask))
        return nil
    }

    mutating func spend(_ worker: Int, _ cents: Int) -> ErrorCode? {
        let (task, account) = (workers[worker].task, workers[worker].account)
        let more = cents - workers[worker].spent
        if more > 0 {
            workers[worker].spent = cents
            workers[worker].hold = max(0, workers[worker].hold - more)
            accounts[account].spent[day, default: 0] += more
            topUp(worker)
        }
        askWhereReached(task, worker)
        return nil
    }

    /// A hold that nears its end is filled up to the estimate, as far as the day has room.
    private mutating func topUp(_ worker: Int) {
        let (task, account) = (workers[worker].task, workers[worker].account)
        let (spent, rest) = (workers[worker].spent, workers[worker].hold)
        guard let room = room(of: account), room > 0, workers[worker].counted,
            Self.reaches(spent, of: spent + rest)
        else { return }
        workers[worker].hold += min(max(0, estimate(task, account) - rest), room)
    }

    /// Also after its end, when it was only cut off and nobody has touched the task since.
    mutating func complete(_ number: Int) -> ErrorCode? {
        guard !workers.isEmpty else { return nil }
        let worker = workers[number % workers.count]
        if let end = worker.endedAt, worker.failure == .leaseExpired || worker.failure == .waiting,
            tasks[worker.task].status == .pending, tasks[worker.task].touched == end
        {
            adopt(worker.task)
            return nil
        }
        return report(number) { model, worker in
            model.end(worker, nil)
            return nil
        }
    }

    mutating func adopt(_ task: Int) {
        tasks[task].status = tasks[task].review ? .review : .completed
        tasks[task].notBefore = nil
        tasks[task].touched = now
        withdraw(nil, from: task)
    }

    /// Ends an attempt; no reason is that it completed.
    mutating func end(_ worker: Int, _ reason: FailureClass?) {
        let index = workers[worker].task
        workers[worker].endedAt = now
        workers[worker].hold = 0
        workers[worker].answered = false
        workers[worker].status = reason == nil ? .completed : .error
        workers[worker].failure = reason
        tasks[index].ends += 1
        guard tasks[index].status != .cancelled else {
            if reason != nil { workers[worker].failure = .cancelled }
            return
        }
        tasks[index].touched = now
        let said = questions.last { $0.worker == worker && $0.kind == .limit }?.answer
        guard let reason, said != LimitAnswer.finish.rawValue else {
            tasks[index].status = tasks[index].review ? .review : .completed
            withdraw(nil, from: index)
            return
        }
        let isAsked = askWhereReached(index, worker)
        giveBack(index, worker, reason, isAsked)
    }

    private mutating func giveBack(
        _ index: Int, _ worker: Int, _ reason: FailureClass, _ isAsked: Bool
    ) {
        if burns(reason, index) { tasks[index].attempts += 1 }
        let attempts = tasks[index].attempts
        if attempts >= Task.maxAttempts || tasks[index].ends >= 10 * Task.maxAttempts {
            tasks[index].status = .failed
            withdraw(nil, from: index)
            return
        }
        tasks[index].status = .pending
        let seconds =
            switch reason {
            case .agentFailed: 15 * (1 << (attempts - 1))
            case .leaseExpired: attempts > 1 ? 15 * (1 << (attempts - 2)) : 0
            case .infrastructure, .rateLimited: 60
            default: 0
            }
        if seconds > 0 { tasks[index].notBefore = now + seconds * 1000 }
        if reason == .budget, !isAsked { tasks[index].notBefore = tomorrow }
    }

    /// Five ends of the infrastructure in a row burn one attempt.
    private func burns(_ reason: FailureClass, _ task: Int) -> Bool {
        guard reason == .infrastructure else {
            return reason == .agentFailed || reason == .leaseExpired
        }
        let ends = workers.filter { $0.task == task && !$0.isLive }.reversed()
        return ends.prefix { $0.failure == .infrastructure }.count.isMultiple(of: 5)
    }
}

/// What people say.
extension Model {
    /// Asks what to do about a limit that is reached, once; answers whether it is asked.
    @discardableResult
    mutating func askWhereReached(_ task: Int, _ worker: Int) -> Bool {
        guard !tasks[task].status.isClosed, isOverLimit(task) else { return false }
        let isOpen = questions.contains { $0.isOpen && $0.task == task && $0.kind == .limit }
        if !isOpen { questions.append(Question(task: task, worker: worker, kind: .limit)) }
        return true
    }

    mutating func withdraw(_ kind: QuestionKind?, from task: Int) {
        for index in questions.indices
        where questions[index].task == task
            && (kind ?? questions[index].kind) == questions[index].kind
        { questions[index].isOpen = false }
    }

    /// No limit's answer is to what the agent asked.
    mutating func answer(_ number: Int, _ answer: LimitAnswer?) -> ErrorCode? {
        guard !workers.isEmpty else { return nil }
        let worker = number % workers.count
        let kind: QuestionKind = answer == nil ? .ask : .limit
        let open = questions.lastIndex {
            $0.isOpen && $0.worker == worker && $0.kind == kind
        }
        guard let open else { return nil }
        questions[open].isOpen = false
        questions[open].answer = answer?.rawValue ?? "yes"
        let task = questions[open].task
        switch answer {
        case nil: if workers[worker].isLive { workers[worker].answered = !workers[worker].counted }
        case .raise: raise(task)
        case .finish: if tasks[task].status == .pending { adopt(task) }
        case .stop:
            tasks[task].status = .cancelled
            tasks[task].touched = now
            withdraw(nil, from: task)
        }
        return nil
    }

    private mutating func raise(_ task: Int) {
        tasks[task].touched = now
        guard let step = tasks[task].cost else { return }
        while isOverLimit(task), let cost = tasks[task].cost {
            tasks[task].cost = cost + max(step, 1)
        }
    }

    mutating func change(
        _ number: Int, _ event: TaskEvent, _ body: (inout Model, Int) -> Void
    ) -> ErrorCode? {
        guard !tasks.isEmpty else { return nil }
        let index = number % tasks.count
        guard let next = tasks[index].status.after(event) else { return .illegalTransition }
        tasks[index].status = next
        tasks[index].touched = now
        body(&self, index)
        return nil
    }

    /// Retry and reject.
    mutating func putBack(_ number: Int, _ event: TaskEvent) -> ErrorCode? {
        guard !tasks.isEmpty else { return nil }
        guard live(on: number % tasks.count) == nil else { return .illegalTransition }
        return change(number, event) { model, index in
            model.tasks[index].attempts = 0
            model.tasks[index].notBefore = nil
            let last = model.workers.lastIndex { $0.task == index }
            if let last { model.askWhereReached(index, last) }
        }
    }

    mutating func release(_ number: Int) -> ErrorCode? {
        guard !tasks.isEmpty else { return nil }
        let index = number % tasks.count
        guard let worker = live(on: index) else {
            return .illegalTransition
        }
        end(worker, .released)
        return nil
    }

    mutating func tick() {
        if let lastTick, now - lastTick > 30_000 {
            for index in workers.indices { workers[index].expires += now - lastTick }
        }
        lastTick = now
        for index in tasks.indices {
            if let moment = tasks[index].notBefore, moment <= now { tasks[index].notBefore = nil }
        }
        for index in workers.indices where workers[index].isLive && workers[index].expires <= now {
            let isAsking = questions.contains {
                $0.isOpen && $0.task == workers[index].task && $0.kind == .ask
            }
            end(index, isAsking ? .waiting : .leaseExpired)
        }
    }
}
