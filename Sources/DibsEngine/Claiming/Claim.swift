internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// One claim in one transaction: locks from the left, guards on counters, lanes for candidates.
///
/// What can go wrong between looking and locking is that another claim was quicker; then the look
/// is repeated wider, inside, and the caller never hears of it.
struct Claim {
    let caller: Caller
    let request: ClaimRequest
    let leaseSeconds: Int
    let tokenSecret: String
    let tx: Transaction

    /// Looks of one claim, at most; each that finds nothing free means that another claim got it.
    private static let looks = 100

    /// Takes what fits; throws a limit that leaves nothing, answers the reason when nothing is
    /// there.
    func run() throws -> ClaimAnswer {
        if let task = request.taskID { try checkNamed(task) }
        let room = try AccountRoom.locked(caller.account.id, in: tx)
        try RunnersSeen.note(request, of: caller.account.id, in: tx)
        let slots: Int
        do { slots = try room.slots(request.maxTasks) } catch let limit as DibsError {
            // A limit is only worth telling when there was something to take.
            if try Candidates(caller: caller, request: request).best(1, in: tx).isEmpty {
                return try nothing()
            }
            throw limit
        }
        var width = slots + 8
        for _ in 0..<Self.looks {
            let found = try Candidates(caller: caller, request: request).best(width, in: tx)
            guard !found.isEmpty else { return try nothing() }
            // With all of them in sight and none free, wait for the best to be decided.
            let isAll = found.count < width
            let taken = try take(found, slots, room, waiting: false)
            if !taken.isEmpty { return ClaimAnswer(workers: taken) }
            if isAll {
                let one = try take(Array(found.prefix(1)), slots, room, waiting: true)
                if !one.isEmpty { return ClaimAnswer(workers: one) }
            }
            width = min(width * 4, 4096)
        }
        throw DibsError(
            .busy, "Others took every task while this claim looked.",
            hint: "Claim again; there may be more.")
    }

    /// Locks the candidates that are still free and takes the first that fit.
    private func take(
        _ found: [Candidates.Candidate], _ slots: Int, _ room: AccountRoom, waiting: Bool
    ) throws -> [ClaimedWorker] {
        var places = try WorkspacePlaces.locked(Set(found.map(\.workspace)), in: tx)
        // Where a place or the money may refuse one, the next in line are locked with it.
        let spare = places.isLimited || room.money != nil ? 8 : 0
        let tasks = try locked(found.map(\.task), atMost: slots + spare, waiting: waiting)
        var money = room.money
        var picks: [Pick] = []
        for task in tasks where picks.count < slots {
            guard let workspace = places.workspace(task.workspaceID) else { continue }
            guard places.hasPlace(task.workspaceID) else { continue }
            let hold = DayMoney.hold(for: task, in: workspace, of: room.account, room: money)
            guard let hold else {
                if picks.isEmpty { throw try dayLimit(room) }
                break
            }
            places.take(task.workspaceID)
            money = try money.map { try $0 - hold }
            picks.append(Pick(task: task, workspace: workspace, hold: hold))
        }
        guard !picks.isEmpty else { return [] }
        try room.take(picks.count, in: tx)
        try places.store(in: tx)
        return try picks.map { try start($0, remaining: money) }
    }

    /// A task that is locked and about to be taken.
    private struct Pick {
        let task: AgentTask
        let workspace: Workspace
        let hold: USD
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

    private func start(_ pick: Pick, remaining: USD?) throws -> ClaimedWorker {
        let (task, now) = (pick.task, try tx.now())
        let expiresAt = now.addingTimeInterval(TimeInterval(leaseSeconds))
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
            $0.lengthSeconds = leaseSeconds
            $0.hold = pick.hold
        }
        try tx.record(
            .taskClaimed, workspace: task.workspaceID, task: task.id, worker: worker.id,
            account: me)
        return ClaimedWorker(
            id: worker.id, taskID: task.id, branch: branch, leaseExpiresAt: expiresAt,
            remainingToday: remaining,
            token: Credential.workerToken(for: worker.id, secret: tokenSecret).secret,
            task: changed, workspace: pick.workspace)
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

    private func nothing() throws -> ClaimAnswer {
        ClaimAnswer(
            workers: [], reason: try Nothing(caller: caller, request: request).reason(in: tx))
    }

    private func dayLimit(_ room: AccountRoom) throws -> DibsError {
        let day = LocalDay(of: try tx.now(), in: room.account.timeZone)
        let limit = room.account.maxCostPerDay ?? .zero
        let left = room.money ?? .zero
        return DibsError(
            .dayLimit, "The account's money for today is spent or set aside.",
            details: [
                "limit": "\(limit)", "current": "\(try limit - left)",
                "resetsAt": day.end.ISO8601Format(),
            ],
            hint: "Wait for the next day or for a worker to end, or raise maxCostPerDay.")
    }
}
