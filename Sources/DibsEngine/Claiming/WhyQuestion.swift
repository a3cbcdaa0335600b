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

    /// The gates that keep every claimer away.
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
                hint: OpenBlockers.words(
                    try OpenBlockers.first(of: [task], in: session)[task.id] ?? [], of: task)),
            Gate(
                .questions, isOpen: task.openQuestions == 0, current: "\(task.openQuestions)",
                limit: "0", hint: try openQuestion()),
            Gate(
                .notBefore, isOpen: task.notBefore == nil,
                current: task.notBefore?.ISO8601Format() ?? "now", limit: "now",
                hint: "It waits for its time, or for the pause after a failed attempt.",
                opensAt: task.notBefore),
        ]
    }

    /// The newest question that a person has to answer, in words.
    private func openQuestion() throws -> String {
        let open = try Question.where {
            $0.taskID == task.id; $0.answeredAt == nil
        }
        .order { $0.createdAt.descending }.first(in: session)
        guard let open else { return "" }
        return "A person has to answer: \(open.prompt) (dibs answer \(open.workerID))."
    }

    func accessGate() throws -> Gate {
        let canClaim = try caller.rights(in: workspace, session).canClaim
        return Gate(
            .access, isOpen: canClaim, current: canClaim ? "may claim" : "may not claim",
            limit: "may claim",
            hint: "Ask an admin: dibs account grant \(caller.account.id) \(workspace.name).")
    }

    /// The gates that keep every claimer of the workspace away.
    func placeGates() throws -> [Gate] {
        let limit = workspace.maxWorkers
        let isFree = limit.map { workspace.activeWorkers < $0 } ?? true
        let end = try isFree ? nil : FirstEnd.inWorkspace(workspace.id, session)
        return [
            Gate(
                .workspaceOpen, isOpen: workspace.closedAt == nil,
                current: workspace.closedAt == nil ? "open" : "closed", limit: "open",
                hint: "The workspace is closed."),
            Gate(
                .workspaceWorkers, isOpen: isFree, current: "\(workspace.activeWorkers)",
                limit: limit.map { "\($0)" } ?? "none",
                hint: "Wait for \(end?.name ?? "a worker") of this workspace to end, "
                    + "or raise its maxWorkers.",
                opensAt: end?.at),
        ]
    }

    /// The gates that this claimer may lack.
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
        let end = try PassedOver.last(task.id, by: caller.account.id, at: now, in: session)
        return Gate(
            .released, isOpen: end == nil, current: end == nil ? "no" : "just released it",
            limit: "no", hint: "A runner of another account may take it at once.", opensAt: end)
    }

    /// The gates of the limits of its account and seat.
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
        let mine = { try FirstEnd.ofAccount(account.id, session) }
        return [
            try Self.limit(
                .accountWorkers, account.activeWorkers + kept.account, account.maxConcurrentWorkers,
                mine),
            try Self.limit(
                .accountSessions, account.activeSessions + kept.account,
                account.maxConcurrentSessions, mine),
            try Self.limit(.seatSessions, (seat?.active ?? 0) + kept.seat, seat?.maxSessions) {
                let end = try seat.flatMap { try FirstEnd.onSeat($0.id, session) }
                return caller.isAdmin || end?.account == account.id ? end : end?.unnamed
            },
            Gate(
                .money, isOpen: hold != nil, current: room.map { "$\($0) left" } ?? "no limit",
                limit: account.maxCostPerDay.map { "$\($0) a day" } ?? "none",
                hint: "Wait for the next day or for a worker to end, or raise maxCostPerDay.",
                opensAt: account.day(at: now).end),
        ]
    }

    private static func limit(
        _ name: GateName, _ current: Int, _ limit: Int?, _ first: () throws -> FirstEnd?
    ) throws -> Gate {
        let isOpen = limit.map { current < $0 } ?? true
        let end = try isOpen ? nil : first()
        return Gate(
            name, isOpen: isOpen, current: "\(current)", limit: limit.map { "\($0)" } ?? "none",
            hint: "Wait for \(end?.name ?? "a worker") to end, or raise the limit.",
            opensAt: end?.at)
    }
}

/// The lease that runs out first of those that count against a limit: who frees a place at the
/// latest then, unless it is renewed.
private struct FirstEnd {
    let account: Account.ID
    let at: Date
    var name: String

    /// The same for who may not know whose it is.
    var unnamed: FirstEnd {
        FirstEnd(account: account, at: at, name: "a worker of another account")
    }

    static func ofAccount(_ id: Account.ID, _ session: some Session) throws -> FirstEnd? {
        try first("WHERE l.account_id = \(id) AND", session)
    }

    static func onSeat(_ id: Seat.ID, _ session: some Session) throws -> FirstEnd? {
        try first("JOIN accounts a ON a.id = l.account_id WHERE a.seat_id = \(id) AND", session)
    }

    static func inWorkspace(_ id: Workspace.ID, _ session: some Session) throws -> FirstEnd? {
        try first("JOIN tasks t ON t.id = l.task_id WHERE t.workspace_id = \(id) AND", session)
    }

    private static func first(_ those: SQL, _ session: some Session) throws -> FirstEnd? {
        try session.rows(
            """
            SELECT l.worker_id, l.account_id, l.expires_at FROM leases l \(those)
            l.counted = \(sqlite: "1", postgres: "true") ORDER BY l.expires_at, l.worker_id LIMIT 1
            """, as: Worker.ID.self, Account.ID.self, Date.self
        ).first.map { FirstEnd(account: $0.1, at: $0.2, name: "worker \($0.0)") }
    }
}

extension Engine {
    package func why(
        _ id: Identifier<AgentTask>, _ claimer: Claimer?, as caller: Credential
    ) async throws -> Why {
        if let claimer {
            try Check.capabilities(claimer.capabilities, "capabilities")
            try claimer.runner.map { try Check.name($0, "runner") }
        }
        return try await read(as: caller) { snapshot, caller in
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
