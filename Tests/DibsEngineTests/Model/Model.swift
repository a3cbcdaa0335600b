import DibsCore
import Foundation

/// Dibs as plain values in memory.
///
/// What must be true after each step, written from the rules and without a look at the engine.
/// Times are milliseconds from the beginning, amounts are cents.
struct Model: Equatable {
    struct Task: Equatable {
        var workspace: Int
        var rank: Int
        var needsGPU: Bool
        var review: Bool
        var cost: Int?
        var blockers: [Int]
        var status = TaskStatus.pending
        var attempts = 0
        var ends = 0
        var notBefore: Int?
        static let maxAttempts = 3
    }

    struct Worker: Equatable {
        var task: Int
        var account: Int
        var expires: Int
        var hold: Int
        var spent = 0
        var isLive = true
    }

    /// Cents a day, or none; workers at once.
    static let accounts: [(limit: Int?, workers: Int)] = [(100, 2), (nil, 3), (60, 3)]
    /// Workers at once, or none.
    static let workspaces: [Int?] = [nil, 2]

    var now = 0
    private var lastTick: Int?
    var tasks: [Task] = []
    var workers: [Worker] = []
    var spent = [0, 0, 0]

    func live(in account: Int) -> [Worker] { workers.filter { $0.isLive && $0.account == account } }

    func openBlockers(of task: Int) -> Int {
        tasks[task].blockers.filter { tasks[$0].status != .completed }.count
    }

    private func live(on task: Int) -> Int? {
        workers.firstIndex { $0.isLive && $0.task == task }
    }

    private func places(in workspace: Int) -> Int {
        guard let limit = Self.workspaces[workspace] else { return .max }
        return limit - workers.filter { $0.isLive && tasks[$0.task].workspace == workspace }.count
    }
}

extension Model {
    /// What a step does, or the code it is refused with; a refusal changes nothing.
    mutating func apply(_ step: Step) -> ErrorCode? {
        switch step {
        case .add(let workspace, let priority, let gpu, let after, let review, let cost):
            now += 1  // so that no two have one rank
            let here = tasks.indices.filter { tasks[$0].workspace == workspace }
            let blocker = after.flatMap { here.isEmpty ? nil : here[$0 % here.count] }
            tasks.append(
                Task(
                    workspace: workspace, rank: now - priority * 3_600_000, needsGPU: gpu,
                    review: review, cost: cost, blockers: blocker.map { [$0] } ?? []))
            return nil
        case .claim(let account, let gpu, let most): return claim(account, gpu, most)
        case .start(let number): return report(number) { $0.start($1) }
        case .spend(let number, let cents): return report(number) { $0.spend($1, cents) }
        case .complete(let number): return report(number) { $0.end($1, nil) }
        case .fail(let number): return report(number) { $0.end($1, .agentFailed) }
        case .beat(let number): return report(number) { _, _ in }
        case .cancel(let number): return change(number, .cancel) { _, _ in }
        case .retry(let number): return retry(number)
        case .release(let number): return release(number)
        case .approve(let number): return change(number, .approve) { _, _ in }
        case .reject(let number): return change(number, .reject) { $0.tasks[$1].attempts = 0 }
        case .pass(let seconds):
            tick()
            for start in stride(from: 0, to: seconds, by: 20) {
                now += min(20, seconds - start) * 1000
                tick()
            }
            return nil
        case .sleep(let seconds):
            now += seconds * 1000
            tick()
            return nil
        }
    }

    private mutating func claim(_ account: Int, _ gpu: Bool, _ most: Int) -> ErrorCode? {
        let ready = tasks.indices.filter { index in
            let task = tasks[index]
            return task.status == .pending && task.notBefore == nil && openBlockers(of: index) == 0
                && (gpu || !task.needsGPU) && places(in: task.workspace) > 0
        }
        .sorted { (tasks[$0].rank, $0) < (tasks[$1].rank, $1) }
        guard !ready.isEmpty else { return nil }
        let (limit, workersAtOnce) = Self.accounts[account]
        let slots = min(most, workersAtOnce - live(in: account).count)
        guard slots > 0 else { return .workerLimit }
        var taken = 0
        for index in ready where taken < slots && places(in: tasks[index].workspace) > 0 {
            var hold = 0
            if let limit {
                let held = live(in: account).map(\.hold).reduce(0, +)
                let room = limit - spent[account] - held
                let share = min(limit / workersAtOnce, room)
                let wanted = tasks[index].cost ?? share
                guard room > 0, wanted <= room else {
                    if taken == 0 { return .dayLimit }
                    break
                }
                hold = wanted
            }
            tasks[index].status = .assigned
            workers.append(
                Worker(task: index, account: account, expires: now + 900_000, hold: hold))
            taken += 1
        }
        return nil
    }

    private mutating func report(_ number: Int, _ body: (inout Model, Int) -> Void) -> ErrorCode? {
        guard !workers.isEmpty else { return nil }
        let index = number % workers.count
        guard workers[index].isLive else { return .leaseLost }
        workers[index].expires = max(workers[index].expires, now + 900_000)
        body(&self, index)
        return nil
    }

    private mutating func start(_ worker: Int) {
        let task = workers[worker].task
        if tasks[task].status == .assigned { tasks[task].status = .inProgress }
    }

    private mutating func spend(_ worker: Int, _ cents: Int) {
        guard cents > workers[worker].spent else { return }
        let more = cents - workers[worker].spent
        workers[worker].spent = cents
        workers[worker].hold = max(0, workers[worker].hold - more)
        spent[workers[worker].account] += more
    }

    private mutating func end(_ worker: Int, _ reason: FailureClass?) {
        workers[worker].isLive = false
        let index = workers[worker].task
        guard tasks[index].status != .cancelled else { return }
        tasks[index].ends += 1
        guard let reason else {
            tasks[index].status = tasks[index].review ? .review : .completed
            return
        }
        if reason == .agentFailed || reason == .leaseExpired { tasks[index].attempts += 1 }
        let attempts = tasks[index].attempts
        if attempts >= Task.maxAttempts || tasks[index].ends >= 10 * Task.maxAttempts {
            tasks[index].status = .failed
            return
        }
        tasks[index].status = .pending
        let seconds =
            switch reason {
            case .agentFailed: 15 * (1 << (attempts - 1))
            case .leaseExpired: attempts > 1 ? 15 * (1 << (attempts - 2)) : 0
            default: 0
            }
        if seconds > 0 { tasks[index].notBefore = now + seconds * 1000 }
    }
}

extension Model {
    private mutating func change(
        _ number: Int, _ event: TaskEvent, _ body: (inout Model, Int) -> Void
    ) -> ErrorCode? {
        guard !tasks.isEmpty else { return nil }
        let index = number % tasks.count
        guard let next = tasks[index].status.after(event) else { return .illegalTransition }
        tasks[index].status = next
        body(&self, index)
        return nil
    }

    private mutating func retry(_ number: Int) -> ErrorCode? {
        guard !tasks.isEmpty else { return nil }
        guard live(on: number % tasks.count) == nil else { return .illegalTransition }
        return change(number, .retry) { model, index in
            model.tasks[index].attempts = 0
            model.tasks[index].notBefore = nil
        }
    }

    private mutating func release(_ number: Int) -> ErrorCode? {
        guard !tasks.isEmpty else { return nil }
        guard let worker = live(on: number % tasks.count) else { return .illegalTransition }
        end(worker, .released)
        return nil
    }

    private mutating func tick() {
        if let lastTick, now - lastTick > 30_000 {
            for index in workers.indices { workers[index].expires += now - lastTick }
        }
        lastTick = now
        for index in tasks.indices {
            if let moment = tasks[index].notBefore, moment <= now { tasks[index].notBefore = nil }
        }
        for index in workers.indices where workers[index].isLive && workers[index].expires <= now {
            end(index, .leaseExpired)
        }
    }
}
