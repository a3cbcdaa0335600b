package import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Walks the gates between a claimer and a task, in the order a claim meets them, in one snapshot.
///
/// A test holds it to its word: at rest it says open exactly when a claim of that task gets it.
struct WhyQuestion {
    let task: AgentTask
    let workspace: Workspace
    let caller: Caller
    let claimer: Claimer
    let session: any Session

    func answer() throws -> Why {
        Why(
            taskID: task.id, accountID: caller.account.id, capabilities: claimer.capabilities,
            gates: try taskGates() + [accessGate()] + placeGates() + claimerGates() + limitGates())
    }

    /// What keeps every claimer away.
    func taskGates() throws -> [Gate] {
        let holder = try session.rows(
            "SELECT worker_id FROM leases WHERE task_id = \(task.id)", as: Worker.ID.self)
        let by = holder.first.map { ", worker \($0) has it" } ?? ""
        return [
            Gate(
                .status, isOpen: task.status == .pending,
                current: task.status.rawValue + by, limit: TaskStatus.pending.rawValue,
                hint: task.status.isClosed
                    ? "Try it again: dibs task retry \(task.id)."
                    : "Wait for its worker or a person, or dibs task release \(task.id).",
                opensAt: task.expiresAt),
            Gate(
                .dependencies, isOpen: task.openDependencies == 0,
                current: "\(task.openDependencies)", limit: "0",
                hint: "It waits for \(try blockers().joined(separator: ", "))."),
            Gate(
                .questions, isOpen: task.openQuestions == 0, current: "\(task.openQuestions)",
                limit: "0", hint: "Answer its open questions."),
            Gate(
                .notBefore, isOpen: task.notBefore == nil,
                current: task.notBefore?.ISO8601Format() ?? "now", limit: "now",
                hint: "It waits for its time, or for the pause after a failed attempt.",
                opensAt: task.notBefore),
        ]
    }

    /// The first five tasks it waits for, by title and status.
    private func blockers() throws -> [String] {
        let open = AgentTask.blockers.where { $0.status != .completed }
            .order { $0.createdAt }.limit(5)
        let found = try open.load(for: [task], in: session)
        return found.flatMap(\.self).map { "\($0.title) (\($0.status.rawValue))" }
    }

    func accessGate() throws -> Gate {
        let canClaim = try caller.rights(in: workspace, session).canClaim
        return Gate(
            .access, isOpen: canClaim, current: canClaim ? "may claim" : "may not claim",
            limit: "may claim",
            hint: "Ask an admin: dibs account grant \(caller.account.id) \(workspace.name).")
    }

    /// What keeps every claimer of the workspace away.
    func placeGates() -> [Gate] {
        let limit = workspace.maxWorkers
        return [
            Gate(
                .workspaceOpen, isOpen: workspace.closedAt == nil,
                current: workspace.closedAt == nil ? "open" : "closed", limit: "open",
                hint: "The workspace is closed."),
            Gate(
                .workspaceWorkers, isOpen: limit.map { workspace.activeWorkers < $0 } ?? true,
                current: "\(workspace.activeWorkers)", limit: limit.map { "\($0)" } ?? "none",
                hint: "Wait for a worker of this workspace to end, or raise its maxWorkers."),
        ]
    }

    /// What this claimer lacks.
    func claimerGates() throws -> [Gate] {
        let fitting = RunnerPreference.fitting(caller.account.type)
        let missing = Set(task.requiredCapabilities.names)
            .subtracting(claimer.capabilities.names).sorted()
        return [
            try releasedGate(),
            Gate(
                .runnerPreference, isOpen: fitting.contains(task.runnerPreference),
                current: caller.account.type.rawValue, limit: task.runnerPreference.rawValue,
                hint: "It is for another type of account."),
            Gate(
                .capabilities, isOpen: missing.isEmpty,
                current: claimer.capabilities.names.joined(separator: ", "),
                limit: task.requiredCapabilities.names.joined(separator: ", "),
                hint: "It offers no \(missing.joined(separator: ", ")); see dibs why \(task.id)."),
        ]
    }

    private func releasedGate() throws -> Gate {
        let now = try session.now()
        let given = try claimer.runner.map { runner in
            try PassedOver.last(task.id, by: runner, caller.account.id, at: now, in: session)
        }
        let end = given.flatMap(\.self)
        return Gate(
            .released, isOpen: end == nil, current: end == nil ? "no" : "just released it",
            limit: "no", hint: "Another runner may take it at once.", opensAt: end)
    }

    /// What its account and seat have reached.
    func limitGates() throws -> [Gate] {
        let account = caller.account
        let seat = try account.seatID.flatMap { id in
            try Seat.where { $0.id == id }.first(in: session)
        }
        let now = try session.now()
        let kept = try AccountRoom.Kept.of(account, in: session)
        let room = try DayMoney.room(of: account, at: now, in: session)
        let left = try TaskLimits.moneyLeft(of: [task], in: session)[task.id]
        let hold = Hold.first(in: workspace, of: account, room: room, left: left)
        let wait = "Wait for a worker of it to end, or raise the limit."
        return [
            Self.limit(
                .accountWorkers, account.activeWorkers + kept.account, account.maxConcurrentWorkers,
                wait),
            Self.limit(
                .accountSessions, account.activeSessions + kept.account,
                account.maxConcurrentSessions, wait),
            Self.limit(
                .seatSessions, (seat?.active ?? 0) + kept.seat, seat?.maxSessions, wait),
            Gate(
                .money, isOpen: hold != nil, current: room.map { "$\($0) left" } ?? "no limit",
                limit: account.maxCostPerDay.map { "$\($0) a day" } ?? "none",
                hint: "Wait for the next day or for a worker to end, or raise maxCostPerDay.",
                opensAt: account.day(at: now).end),
        ]
    }

    private static func limit(
        _ name: GateName, _ current: Int, _ limit: Int?, _ hint: String
    ) -> Gate {
        Gate(
            name, isOpen: limit.map { current < $0 } ?? true, current: "\(current)",
            limit: limit.map { "\($0)" } ?? "none", hint: hint)
    }
}

extension Engine {
    package func why(
        _ id: Identifier<AgentTask>, _ claimer: Claimer?, as caller: Credential
    ) async throws -> Why {
        try await read(as: caller) { snapshot, caller in
            let task = try caller.task(id, in: snapshot)
            let workspace = try caller.workspace(task.workspaceID, in: snapshot)
            guard let claimer else {
                return try RunnersQuestion(
                    task: task, workspace: workspace, caller: caller, session: snapshot
                ).answer()
            }
            return try WhyQuestion(
                task: task, workspace: workspace, caller: caller, claimer: claimer,
                session: snapshot
            ).answer()
        }
    }
}
