internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// One claim in one transaction: locks from the left, guards on counters, lanes for candidates.
///
/// The fault that can come between looking and locking is that another claim was quicker; then the
/// look is repeated wider, inside, and the caller never hears of it.
struct Claim {
    let caller: Caller
    let request: ClaimRequest
    let leaseSeconds: Int
    let secret: ServerSecret
    let floors: LaneFloors
    let tx: Transaction

    /// Looks of one claim, at most; each that finds nothing free means that another claim got it.
    private static let looks = 100
    /// Candidates of one look, at most.
    private static let widest = 4096

    /// Takes what fits; throws a limit that leaves nothing, answers the reason when nothing is
    /// there.
    func run() throws -> ClaimAnswer {
        if let task = request.taskID { try checkNamed(task) }
        let room = try AccountRoom.locked(caller.account.id, in: tx)
        try RunnersSeen.note(request, of: caller.account.id, in: tx)
        var candidates = Candidates(caller: caller, request: request)
        candidates.passedOver = try PassedOver.tasks(
            of: caller.account.id, naming: request.taskID, at: tx.now(), in: tx)
        let view = floors.view(at: try tx.now())
        if tx.dialect == .postgres { candidates.floors = view.trusted }
        let kept = try AccountRoom.Kept.of(room.account, in: tx)
        let slots: Int
        do {
            slots = try room.slots(request.maxTasks, keeping: kept)
        } catch let limit as DibsError {
            return try nothing(candidates, orElse: limit)
        }
        return try take(slots, room, candidates, view)
    }

    /// Looks for candidates, wider each time, until some could be locked.
    private func take(
        _ slots: Int, _ room: AccountRoom, _ all: Candidates, _ view: LaneFloors.View
    ) throws -> ClaimAnswer {
        var candidates = all
        candidates.money = room.partOfDay
        var width = slots + 3
        for _ in 0..<Self.looks {
            let isBroke = room.money.map { $0 <= .zero } ?? false
            let found = isBroke ? [] : try candidates.best(width, in: tx)
            if found.count < width, !candidates.floors.isEmpty {
                candidates.floors = []
                continue
            }
            guard !found.isEmpty else {
                return try nothing(
                    all, orElse: room.money.map { _ in try room.dayLimit(at: tx.now()) })
            }
            let isAll = found.count < width
            let places = try WorkspacePlaces.seen(Set(found.map(\.workspace)), in: tx)
            let fitting = try fitting(found, places, room)
            guard isAll || width == Self.widest || fitting.together >= slots else {
                width = min(width * 4, Self.widest)
                continue
            }
            let taken = try take(fitting.each, slots, room, places, waiting: false)
            if !taken.isEmpty {
                // Who named a task, or passed some over, has not seen what is before it.
                if request.taskID == nil, candidates.passedOver.isEmpty {
                    let look = LaneFloors.Look(
                        view, fromFloor: Set(candidates.floors.map(\.lane)), found: found,
                        taken: Set(taken.map(\.taskID)))
                    tx.tell(Notice.looked(look))
                }
                return ClaimAnswer(workers: taken)
            }
            if fitting.each.isEmpty, isAll || width == Self.widest {
                throw try room.dayLimit(at: tx.now())
            }
            // With all of them in sight and none free, wait for the best to be decided.
            if isAll, let best = fitting.each.first {
                let one = try take([best], slots, room, places, waiting: true)
                if !one.isEmpty { return ClaimAnswer(workers: one) }
            }
            width = min(width * 4, Self.widest)
        }
        throw DibsError(
            .busy, "Others took every task while this claim looked.",
            hint: "Claim again; there may be more.")
    }

    /// Those that the money would do for by themselves, and how many would fit together, as far as
    /// can be seen without a lock.
    private func fitting(
        _ found: [Candidates.Candidate], _ seen: WorkspacePlaces, _ room: AccountRoom
    ) throws -> (each: [Candidates.Candidate], together: Int) {
        guard seen.isLimited || room.money != nil else { return (found, found.count) }
        let ids = found.filter { $0.maxCost != nil }.map(\.task)
        let limited = try AgentTask.where { $0.id.in(ids) }.all(in: tx)
        let left = try TaskLimits.moneyLeft(of: limited, in: tx)
        var (places, money, together) = (seen, room.money, 0)
        let each = try found.filter { candidate in
            guard let workspace = seen.workspace(candidate.workspace) else { return false }
            func hold(_ money: USD?) -> USD? {
                Hold.first(in: workspace, of: room.account, room: money, left: left[candidate.task])
            }
            if places.hasPlace(workspace.id), let hold = hold(money) {
                places.take(workspace.id)
                money = try money.map { try $0 - hold }
                together += 1
            }
            return hold(room.money) != nil
        }
        return (each, together)
    }

    /// Locks the candidates that are still free and takes the first that fit.
    private func take(
        _ found: [Candidates.Candidate], _ slots: Int, _ room: AccountRoom,
        _ seen: WorkspacePlaces, waiting: Bool
    ) throws -> [ClaimedWorker] {
        var places = seen
        try places.lock(in: tx)
        // Where a place or the money may refuse one, the next in line are locked with it.
        let spare = places.isLimited || room.money != nil ? 8 : 0
        var (money, picks, rest) = (room.money, [Pick](), found[...])
        while picks.count < slots, !rest.isEmpty {
            let next = rest.prefix(slots - picks.count + spare + 3)
            rest = rest.dropFirst(next.count)
            let tasks = try locked(
                next.map(\.task), atMost: slots - picks.count + spare, waiting: waiting)
            let left = try TaskLimits.moneyLeft(of: tasks, in: tx)
            for task in tasks where picks.count < slots {
                guard let workspace = places.workspace(task.workspaceID) else { continue }
                guard places.hasPlace(task.workspaceID) else { continue }
                let hold = Hold.first(
                    in: workspace, of: room.account, room: money, left: left[task.id])
                guard let hold else { continue }
                places.take(task.workspaceID)
                money = try money.map { try $0 - hold }
                picks.append(
                    Pick(task: task, workspace: workspace, hold: hold, left: left[task.id]))
            }
        }
        guard !picks.isEmpty else { return [] }
        try room.take(picks.count, in: tx)
        try places.store(in: tx)
        let workers = try picks.map { try start($0, room, remaining: money) }
        try places.confirm(in: tx)
        return workers
    }

    /// A task that is locked and about to be taken.
    private struct Pick {
        let task: AgentTask
        let workspace: Workspace
        let hold: USD
        /// Money that the task's own limit leaves; nil is no limit.
        let left: USD?

        /// The cost at which its worker should wrap up.
        func stopAt(_ account: Account) throws -> USD? {
            var stopAt = try account.maxCostPerDay.map { _ in try Hold.stopAt(of: hold) }
            if let left, let most = task.maxCost {
                let mine = try max(.zero, left - Hold.reserve(of: most))
                stopAt = min(stopAt ?? mine, mine)
            }
            return stopAt
        }
    }

    private func locked(
        _ ids: [AgentTask.ID], atMost limit: Int, waiting: Bool
    ) throws -> [AgentTask] {
        try tx.all(
            AgentTask.self,
            """
            SELECT \(columns: AgentTask.self) FROM tasks
            WHERE id \(in: ids) AND status = 'pending' AND open_dependencies = 0
            AND open_questions = 0 AND not_before IS NULL
            ORDER BY rank, id LIMIT \(limit) \(waiting ? Lock.row : Lock.rowOrSkip)
            """)
    }

    private func start(
        _ pick: Pick, _ room: AccountRoom, remaining: USD?
    ) throws -> ClaimedWorker {
        let (task, now) = (pick.task, try tx.now())
        let end = try TaskLimits.end(of: task, from: now, in: tx)
        let expiresAt = min(
            now.addingTimeInterval(TimeInterval(leaseSeconds)),
            end.addingTimeInterval(LeaseRenewal.wrapUp))
        let branch = Branch.name(of: task, in: pick.workspace)
        let status = try task.status.afterOrThrow(.claim)
        let (me, request) = (caller.account.id, request)
        let changed = try tx.update(AgentTask.self) {
            $0.status = status
            $0.claimedBy = me
            $0.claimedAt = now
            $0.expiresAt = expiresAt
            $0.updatedAt = now
        } where: {
            $0.id == task.id
        }
        guard let changed = changed.first else {
            throw DataError(.missing, "a locked task is gone")
        }
        let worker = try tx.insert(Worker.self) {
            $0.taskID = task.id
            $0.workspaceID = task.workspaceID
            $0.accountID = me
            $0.runner = request.runner
            $0.name = "\(request.runner) #\(task.ends + 1)"
            $0.branch = branch
            $0.createdAt = now
            $0.updatedAt = now
        }
        _ = try tx.insert(Lease.self) {
            $0.taskID = task.id
            $0.workerID = worker.id
            $0.accountID = me
            $0.expiresAt = expiresAt
            $0.endsAt = end
            $0.lengthSeconds = leaseSeconds
            $0.hold = pick.hold
        }
        let answers = try task.ends == 0 ? .none : Questions.answers(task.id, in: tx)
        try tx.record(
            .taskClaimed, workspace: task.workspaceID, task: task.id, worker: worker.id,
            account: me, data: room.limitsInForce(hold: pick.hold))
        return ClaimedWorker(
            id: worker.id, taskID: task.id, branch: branch, leaseExpiresAt: expiresAt,
            remainingToday: remaining, stopAt: try pick.stopAt(room.account),
            answers: answers.newest, answersLeftOut: answers.leftOut,
            salvage: try Salvage.of(task, in: tx),
            token: secret.workerToken(for: worker.id).secret,
            task: changed, workspace: pick.workspace)
    }
}

extension Salvage {
    /// The remains of a task's last attempt that did not complete; nil for a first attempt.
    ///
    /// The last with commits, where there is one: an end before the work began hides no work.
    static func of(_ task: AgentTask, in session: some Session) throws -> Salvage? {
        guard task.ends > 0 else { return nil }
        func last(committed: Bool) throws -> Worker? {
            try Worker.where {
                $0.taskID == task.id; $0.completedAt != nil; $0.failureClass != nil
                if committed { $0.commits > 0 }
            }
            .order { $0.createdAt.descending }.first(in: session)
        }
        return try (last(committed: true) ?? last(committed: false)).map { Salvage(of: $0) }
    }
}

extension Claim {
    /// Throws when the one task that was named cannot be taken, and says why.
    private func checkNamed(_ id: AgentTask.ID) throws {
        let task = try caller.task(id, in: tx)
        guard task.status == .pending else {
            throw DibsError(
                .taskNotClaimable, "The task is not pending.",
                details: ["task": "\(id)", "status": task.status.rawValue],
                hint: "Claim without a taskId to get another one.")
        }
    }

    /// Says why there is nothing; throws a limit when there was something to take but for it.
    private func nothing(
        _ candidates: Candidates, orElse limit: DibsError?
    ) throws -> ClaimAnswer {
        if let limit, try candidates.areAny(in: tx) { throw limit }
        let reason = try Nothing(caller: caller, request: request).reason(in: tx)
        return ClaimAnswer(workers: [], reason: reason)
    }
}
