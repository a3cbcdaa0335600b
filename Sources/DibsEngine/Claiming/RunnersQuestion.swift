internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// The question why a task is not taken, asked of nobody in particular: of the task, of its
/// workspace, and of every runner that asked for work of late.
///
/// An admin is told all of them by name. Everybody else is told their own, and of the others how
/// many there are: names, what they offer and what their accounts have reached are not for all.
struct RunnersQuestion {
    /// A runner that asked in so many seconds is still counted on.
    static let window: TimeInterval = 24 * 3600
    /// So many of them are looked at, each account's latest first.
    static let limit = 200

    let task: AgentTask
    let workspace: Workspace
    let caller: Caller
    let session: any Session

    func answer() throws -> Why {
        let anyone = question(caller.account, Claimer())
        let (chances, cut) = try chances()
        let others = chances.filter { !isNamed($0.accountID) }
        let able = others.filter(\.closed.isEmpty).count
        return Why(
            taskID: task.id,
            gates: try anyone.taskGates() + anyone.placeGates() + [runnerGate(chances)],
            runners: chances.filter { isNamed($0.accountID) },
            others: caller.isAdmin ? nil : RunnerCount(asked: others.count, able: able),
            runnersCut: cut)
    }

    private func isNamed(_ account: Account.ID) -> Bool {
        caller.isAdmin || account == caller.account.id
    }

    private func question(_ account: Account, _ claimer: Claimer) -> WhyQuestion {
        WhyQuestion(
            task: task, workspace: workspace, caller: Caller(account: account, worker: nil),
            claimer: claimer, session: session)
    }

    /// The latest of each account, then the second of each, and how many were left.
    ///
    /// So none can hide the others behind names that it made up.
    private func seen() throws -> (runners: [RunnerSeen], cut: Int) {
        let since = try session.now().addingTimeInterval(-Self.window)
        let rows = try session.rows(
            """
            SELECT account_id, name, capabilities, last_seen_at, count(*) OVER () FROM (
                SELECT r.account_id, r.name, r.capabilities, r.last_seen_at, row_number() OVER (
                    PARTITION BY r.account_id ORDER BY r.last_seen_at DESC, r.name) AS place
                FROM runners r JOIN accounts a ON a.id = r.account_id
                WHERE r.last_seen_at >= \(since) AND a.closed_at IS NULL) x
            ORDER BY place, last_seen_at DESC, name LIMIT \(Self.limit)
            """,
            as: Account.ID.self, String.self, Capabilities.self, Date.self, Int.self)
        let runners = rows.map {
            RunnerSeen(accountID: $0.0, name: $0.1, capabilities: $0.2, lastSeenAt: $0.3)
        }
        return (
            runners.sorted { ($1.lastSeenAt, $0.name) < ($0.lastSeenAt, $1.name) },
            (rows.first?.4 ?? 0) - rows.count
        )
    }

    private func chances() throws -> (chances: [RunnerChance], cut: Int) {
        let (runners, cut) = try seen()
        let ids = Set(runners.map(\.accountID)).sorted()
        let accounts = try Account.where { $0.id.in(ids) }.all(in: session)
        var closedOfAccount: [Account.ID: [GateName]] = [:]
        for account in accounts {
            let one = question(account, Claimer())
            closedOfAccount[account.id] = closed(try [one.accessGate()] + one.limitGates())
        }
        let chances: [RunnerChance] = try runners.compactMap { seen in
            guard let account = accounts.first(where: { $0.id == seen.accountID }),
                let shared = closedOfAccount[account.id]
            else { return nil }
            let claimer = Claimer(capabilities: seen.capabilities, runner: seen.name)
            let own = closed(try question(account, claimer).claimerGates())
            return RunnerChance(
                seen, closed: GateName.allCases.filter { own.contains($0) || shared.contains($0) })
        }
        return (chances, cut)
    }

    private func closed(_ gates: [Gate]) -> [GateName] { gates.filter { !$0.isOpen }.map(\.name) }

    private func runnerGate(_ chances: [RunnerChance]) throws -> Gate {
        let able = chances.filter(\.closed.isEmpty).count
        return Gate(
            .runner, isOpen: able > 0,
            current: "\(chances.count) asked in 24 hours, \(able) could take it",
            limit: "1 that could", hint: able > 0 ? "" : try hint(chances))
    }

    /// Says when a runner that offers enough was last here; or what keeps the nearest of them away.
    private func hint(_ chances: [RunnerChance]) throws -> String {
        let needed = Set(task.requiredCapabilities.names)
        let offering = chances.filter { needed.isSubset(of: $0.capabilities.names) }
        let known = offering.filter { isNamed($0.accountID) }
        if let nearest = known.min(by: { $0.closed.count < $1.closed.count }) {
            let gates = nearest.closed.map(\.rawValue).joined(separator: ", ")
            return "The nearest is \(nearest.runner), kept away by \(gates)."
        }
        guard offering.isEmpty else {
            return "\(offering.count) of other accounts offer what it needs; none could take it."
        }
        let names = task.requiredCapabilities.names.joined(separator: ", ")
        let runner = names.isEmpty ? "No runner" : "No runner with \(names)"
        let last = try RunnerSeen.all.order { $0.lastSeenAt.descending }.limit(1000)
            .all(in: session).first { needed.isSubset(of: $0.capabilities.names) }
        guard let last else { return "\(runner) has ever asked." }
        let hours = Int(saturating: try session.now().timeIntervalSince(last.lastSeenAt) / 3600)
        let time = hours < 48 ? "\(hours) hours" : "\(hours / 24) days"
        let who = isNamed(last.accountID) ? "; the last was \(last.name)" : ""
        return "\(runner) has asked for \(time)\(who)."
    }
}
