import DibsCore

/// What workers say.
extension Model {
    /// A report that is refused is a heartbeat all the same; a cost or an artifact is none.
    mutating func report(
        _ number: Int, beats: Bool = true, _ body: (inout Model, Int) -> ErrorCode?
    ) -> ErrorCode? {
        guard !workers.isEmpty else { return nil }
        let index = number % workers.count
        guard workers[index].isLive else { return .leaseLost }
        var after = self
        let last = min(now + 900_000, workers[index].ends + 60_000)
        after.workers[index].expires = max(workers[index].expires, last)
        let beaten = after
        let refusal = body(&after, index)
        if refusal == nil || beats { self = refusal == nil ? after : beaten }
        return refusal
    }

    /// What stays true of a worker, for a day after its end; nil is that it lives.
    private func late(_ number: Int) -> (worker: Int, refusal: ErrorCode?)? {
        guard !workers.isEmpty, let end = workers[number % workers.count].endedAt else {
            return nil
        }
        return (number % workers.count, now - end < Self.dayLength ? nil : .leaseLost)
    }

    /// An artifact.
    mutating func leave(_ number: Int) -> ErrorCode? {
        if let late = late(number) { return late.refusal }
        return report(number, beats: false) { $0.takeSlot($1) }
    }

    /// A running total in a report.
    mutating func told(_ number: Int, total: Int) -> ErrorCode? {
        if let (worker, refusal) = late(number) { return refusal ?? spend(worker, total: total) }
        return report(number) { $0.takeSlot($1) ?? $0.spend($1, total: total) }
    }

    /// An agent that ended while it waited needs no slot, and any other end one.
    mutating func fail(_ worker: Int, _ reason: FailureClass) -> ErrorCode? {
        if reason == .waiting {
            guard workers[worker].status == .waitingInput else { return .illegalTransition }
        } else if let limit = takeSlot(worker) {
            return limit
        }
        end(worker, reason)
        return nil
    }

    private func isAsked(_ task: Int) -> Bool {
        questions.contains { $0.isOpen && $0.task == task && $0.kind == .ask }
    }

    /// Before anything but a beat or its own question again; the limit that leaves no slot.
    mutating func takeSlot(_ worker: Int) -> ErrorCode? {
        guard !workers[worker].counted else { return nil }
        let (task, account) = (workers[worker].task, workers[worker].account)
        let first = workers[worker].answered ? 0 : answered(in: account)
        guard counted(in: account).count + first < accounts[account].workers else {
            return .workerLimit
        }
        guard places(in: tasks[task].workspace) > 0 else { return .workspaceLimit }
        guard let hold = hold(task, account) else { return .dayLimit }
        workers[worker].hold = hold
        workers[worker].counted = true
        workers[worker].answered = false
        return nil
    }

    /// Those that were answered without a slot, who go before all others.
    func answered(in account: Int) -> Int {
        workers.filter { $0.isLive && $0.answered && $0.account == account }.count
    }

    /// The same report with the same number changes nothing; the number of another one goes on.
    mutating func number(_ worker: Int, _ sequence: Int, _ progress: Int) -> ErrorCode? {
        if sequence == workers[worker].sequence, progress == workers[worker].said { return nil }
        guard sequence > workers[worker].sequence else { return .sequenceReused }
        guard sequence - workers[worker].sequence <= 1_000_000 else { return .invalidField }
        if let limit = takeSlot(worker) { return limit }
        (workers[worker].sequence, workers[worker].said) = (sequence, progress)
        return nil
    }

    mutating func foreign(_ number: Int, _ account: Int) -> ErrorCode? {
        guard !workers.isEmpty else { return nil }
        guard workers[number % workers.count].account == account else { return .forbidden }
        return report(number) { _, _ in nil }
    }

    mutating func start(_ worker: Int) -> ErrorCode? {
        let task = workers[worker].task
        workers[worker].status = .running
        withdraw(.ask, from: task)
        if tasks[task].status == .assigned {
            tasks[task].status = .inProgress
            tasks[task].touched = now
        }
        return nil
    }

    /// The same question again lends the slot while it is open; another one needs it first.
    mutating func wait(_ worker: Int, _ question: Int) -> ErrorCode? {
        let task = workers[worker].task
        let isWaiting = workers[worker].status == .waitingInput
        if !isWaiting || question != workers[worker].asked {
            if let limit = takeSlot(worker) { return limit }
            guard isWaiting || workers[worker].status == .running else { return .illegalTransition }
            workers[worker].status = .waitingInput
            workers[worker].asked = question
            withdraw(.ask, from: task)
            questions.append(Question(task: task, worker: worker, kind: .ask))
        }
        guard questions.contains(where: { $0.isOpen && $0.worker == worker && $0.kind == .ask })
        else { return nil }
        workers[worker].counted = false
        workers[worker].hold = 0
        return nil
    }

    /// A running total: what it has more than before, also of what was put aside.
    mutating func spend(_ worker: Int, total: Int) -> ErrorCode? {
        let (spent, parked) = (workers[worker].spent, workers[worker].parked)
        let lower = total - spent <= most(worker) ? total - spent : 0
        take(max(0, total >= spent + parked ? total - spent - parked : lower), worker)
        askWhereReached(workers[worker].task, worker)
        return nil
    }

    /// A cost by itself, also up to a day after the end.
    mutating func post(_ number: Int, _ cents: Int) -> ErrorCode? {
        guard !workers.isEmpty else { return nil }
        let index = number % workers.count
        if let (_, refusal) = late(number) {
            if let refusal { return refusal }
            take(cents, index)
            askWhereReached(workers[index].task, index)
            return nil
        }
        return report(number, beats: false) { model, worker in
            if let limit = model.takeSlot(worker) { return limit }
            model.take(cents, worker)
            model.askWhereReached(model.workers[worker].task, worker)
            return nil
        }
    }

    /// Ten times the larger limit, at least a hundred dollars; a thousand where there is none.
    private func most(_ worker: Int) -> Int {
        let limits = [tasks[workers[worker].task].cost, accounts[workers[worker].account].limit]
        return limits.compactMap(\.self).max().map { max(10_000, 10 * $0) } ?? 100_000
    }

    private mutating func take(_ cents: Int, _ worker: Int) {
        guard cents <= most(worker) else {
            workers[worker].parked += cents
            return
        }
        guard cents > 0 else { return }
        workers[worker].spent += cents
        accounts[workers[worker].account].spent[day, default: 0] += cents
        guard workers[worker].isLive else { return }
        workers[worker].hold = max(0, workers[worker].hold - cents)
        topUp(worker)
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
            tasks[worker.task].status == .pending, tasks[worker.task].touched == end,
            !isAsked(worker.task)
        {
            adopt(worker.task)
            return nil
        }
        return report(number) { model, worker in
            let isWaiting = model.workers[worker].status == .waitingInput
            guard model.tasks[model.workers[worker].task].status != .cancelled else {
                model.end(worker, nil)
                return nil
            }
            guard !isWaiting, !model.isAsked(model.workers[worker].task) else {
                return .illegalTransition
            }
            if let limit = model.takeSlot(worker) { return limit }
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
            (workers[worker].status, workers[worker].failure) = (.error, .cancelled)
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
        if attempts >= Task.maxAttempts || isWornOut(index) {
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

    /// All that one account released is one end.
    private func isWornOut(_ task: Int) -> Bool {
        let released = workers.filter { $0.task == task && $0.failure == .released }.map(\.account)
        let ends = tasks[task].ends - released.count + Set(released).count
        return ends >= 10 * Task.maxAttempts
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
        for index in workers.indices {
            workers[index].expires = min(workers[index].expires, now + 900_000)
        }
        for index in accounts.indices {
            accounts[index].madeUnder = accounts[index].madeUnder.filter {
                $0.value >= now - Self.dayLength
            }
        }
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
