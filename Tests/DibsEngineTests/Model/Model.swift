import DibsCore
import Foundation

/// Dibs as plain values in memory.
///
/// What must be true after each step, written from the rules and without a look at the engine.
/// Times are milliseconds from the beginning, amounts are cents.
struct Model: Equatable {
    struct Task: Equatable {
        var workspace: Int
        let createdAt: Int
        var priority: Int
        var needsGPU: Bool
        var review: Bool
        var cost: Int?
        var blockers: [Int]
        var status = TaskStatus.pending
        var attempts = 0
        var ends = 0
        var notBefore: Int?
        /// When somebody last did something to it; a late result is taken only when nobody did.
        var touched: Int
        static let maxAttempts = 3

        /// A point of priority is an hour's head start.
        var rank: Int { createdAt - priority * 3_600_000 }
    }

    struct Worker: Equatable {
        var task: Int
        var account: Int
        var expires: Int
        var ends: Int
        var hold: Int
        var status = WorkerStatus.idle
        var spent = 0
        /// Whether it takes a slot; not while it waits.
        var counted = true
        /// Whether it was answered while it had no slot.
        var answered = false
        /// Which of two questions it asked last.
        var asked = 0
        /// Told of costs out of all proportion.
        var parked = 0
        /// The last number of a report, and what it said.
        var sequence = 0
        var said = 0
        var failure: FailureClass?
        var endedAt: Int?
        var isLive: Bool { endedAt == nil }
    }

    struct Question: Equatable {
        var task: Int
        var worker: Int
        var kind: QuestionKind
        var answer: String?
        var isOpen = true
    }

    struct Account: Equatable {
        /// Cents a day, or none.
        var limit: Int?
        /// Workers at once.
        var workers: Int
        /// Cents by day, counted from 1970.
        var spent: [Int: Int] = [:]
        var mayCreate = true
        /// When a task was made under each key; it is the same one for a day from then.
        var madeUnder: [Int: Int] = [:]
    }

    /// Workers at once, or none.
    static let workspaces: [Int?] = [nil, 2]
    /// A limit divides by every number of workers from 1 to 4, for cents have no halves here.
    static let accounts = [
        Account(limit: 120, workers: 2), Account(limit: nil, workers: 3),
        Account(limit: 60, workers: 3),
    ]

    /// Milliseconds from 1970 to the beginning.
    let base: Int
    var now = 0
    var lastTick: Int?
    var tasks: [Task] = []
    var workers: [Worker] = []
    var questions: [Question] = []
    var accounts = Self.accounts

    init(base: Int) { self.base = base }
}

/// What is counted.
extension Model {
    /// The live workers of an account that take a slot.
    func counted(in account: Int) -> [Worker] {
        workers.filter { $0.isLive && $0.counted && $0.account == account }
    }

    func openBlockers(of task: Int) -> Int {
        tasks[task].blockers.filter { tasks[$0].status != .completed }.count
    }

    func openQuestions(of task: Int) -> Int {
        questions.filter { $0.isOpen && $0.task == task }.count
    }

    func live(on task: Int) -> Int? { workers.firstIndex { $0.isLive && $0.task == task } }

    func places(in workspace: Int) -> Int {
        guard let limit = Self.workspaces[workspace] else { return .max }
        return limit
            - workers.filter {
                $0.isLive && $0.counted && tasks[$0.task].workspace == workspace
            }.count
    }

    static let dayLength = 86_400_000
    var day: Int { (base + now) / Self.dayLength }
    var tomorrow: Int { (day + 1) * Self.dayLength - base }

    /// What the day of an account has room for; nil is no limit.
    func room(of account: Int) -> Int? {
        accounts[account].limit.map { limit in
            limit - accounts[account].spent[day, default: 0]
                - workers.filter { $0.isLive && $0.account == account }.map(\.hold).reduce(0, +)
        }
    }

    func spent(on task: Int) -> Int {
        workers.filter { $0.task == task }.map(\.spent).reduce(0, +)
    }

    /// What the task's own limit leaves.
    func left(of task: Int) -> Int? { tasks[task].cost.map { max(0, $0 - spent(on: task)) } }

    /// What is likely to be spent on a task: its rest, or a share of the day.
    func estimate(_ task: Int, _ account: Int) -> Int {
        guard let limit = accounts[account].limit else { return 0 }
        return min(left(of: task) ?? limit / accounts[account].workers, limit)
    }

    /// What a worker sets aside; nil when the day has no room for it.
    func hold(_ task: Int, _ account: Int) -> Int? {
        guard let room = room(of: account) else { return 0 }
        guard room > 0 else { return nil }
        let wanted = estimate(task, account)
        if left(of: task) == nil { return min(wanted, room) }
        return wanted <= room ? wanted : nil
    }

    /// Whether an amount reaches what is kept for wrapping up: 5 %, at least 5 cents, at most half.
    ///
    /// It is compared in twentieths of a cent.
    static func reaches(_ spent: Int, of allowance: Int) -> Bool {
        20 * spent >= 20 * allowance - min(max(allowance, 100), 10 * allowance)
    }

    func isOverLimit(_ task: Int) -> Bool {
        tasks[task].cost.map { Self.reaches(spent(on: task), of: $0) } ?? false
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
                    workspace: workspace, createdAt: now, priority: priority, needsGPU: gpu,
                    review: review, cost: cost, blockers: blocker.map { [$0] } ?? [],
                    touched: now))
            return nil
        case .claim(let account, let gpu, let most): return claim(account, gpu, most)
        case .name(let number, let account, let gpu):
            guard !tasks.isEmpty else {
                now += 1
                return nil
            }
            return claim(account, gpu, 1, only: number % tasks.count)
        case .edit(let number, let priority):
            guard !tasks.isEmpty else { return nil }
            tasks[number % tasks.count].priority = priority
            tasks[number % tasks.count].touched = now
            return nil
        case .start(let number): return report(number) { $0.takeSlot($1) ?? $0.start($1) }
        case .wait(let number, let question): return report(number) { $0.wait($1, question) }
        case .spend(let number, let cents):
            return told(number, total: cents)
        case .complete(let number): return complete(number)
        case .fail(let number, let reason):
            return report(number) { $0.fail($1, reason) }
        case .word(let number): return report(number) { $0.takeSlot($1) }
        case .leave(let number): return leave(number)
        case .post(let number, let cents): return post(number, cents)
        case .numbered(let number, let sequence, let progress):
            return report(number) { $0.number($1, sequence, progress) }
        case .foreign(let number, let account): return foreign(number, account)
        case .unknown: return .notFound
        case .right(let account, let mayCreate):
            accounts[account].mayCreate = mayCreate
            return nil
        case .once(let account, let key): return once(account, key)
        case .beat(let number): return report(number) { _, _ in nil }
        case .answer(let number, let answer): return self.answer(number, answer)
        case .limit(let account, let cents, let workers):
            if accounts[account].limit != nil { accounts[account].limit = cents }
            accounts[account].workers = workers
            return nil
        case .cancel(let number): return change(number, .cancel) { $0.withdraw(nil, from: $1) }
        case .retry(let number): return putBack(number, .retry)
        case .release(let number): return release(number)
        case .approve(let number): return change(number, .approve) { _, _ in }
        case .reject(let number): return putBack(number, .reject)
        case .pass(let seconds):
            tick()
            for start in stride(from: 0, to: seconds, by: 29) {
                now += min(29, seconds - start) * 1000
                tick()
            }
            return nil
        case .sleep(let seconds):
            now += seconds * 1000
            tick()
            return nil
        }
    }

    /// The right is asked each time, also where the task is there already.
    private mutating func once(_ account: Int, _ key: Int) -> ErrorCode? {
        now += 1
        guard accounts[account].mayCreate else { return .forbidden }
        guard accounts[account].madeUnder[key] == nil else { return nil }
        accounts[account].madeUnder[key] = now
        tasks.append(
            Task(
                workspace: 0, createdAt: now, priority: 0, needsGPU: false, review: false,
                cost: nil, blockers: [], touched: now))
        return nil
    }

    /// Everything in order, as far as it fits.
    private mutating func claim(
        _ account: Int, _ gpu: Bool, _ most: Int, only named: Int? = nil
    ) -> ErrorCode? {
        now += 1
        if let named, tasks[named].status != .pending { return .taskNotClaimable }
        let passedOver = workers.filter {
            $0.failure == .released && $0.account == account
                && now - ($0.endedAt ?? 0) < 60_000
        }.map(\.task)
        let ready = tasks.indices.filter { index in
            let task = tasks[index]
            return task.status == .pending && task.notBefore == nil && openBlockers(of: index) == 0
                && openQuestions(of: index) == 0 && index == named ?? index
                && !passedOver.contains(index)
                && (gpu || !task.needsGPU) && places(in: task.workspace) > 0
        }
        .sorted { (tasks[$0].rank, $0) < (tasks[$1].rank, $1) }
        guard !ready.isEmpty else { return nil }
        // Who was answered while it waited without a slot goes first.
        let slots = min(
            most,
            accounts[account].workers - counted(in: account).count - answered(in: account))
        guard slots > 0 else { return .workerLimit }
        var taken = 0
        for index in ready where taken < slots && places(in: tasks[index].workspace) > 0 {
            guard let hold = hold(index, account) else { continue }
            tasks[index].status = .assigned
            tasks[index].touched = now
            workers.append(
                Worker(
                    task: index, account: account, expires: now + 900_000,
                    ends: now + 86_400_000, hold: hold))
            taken += 1
        }
        return taken == 0 ? .dayLimit : nil
    }
}
