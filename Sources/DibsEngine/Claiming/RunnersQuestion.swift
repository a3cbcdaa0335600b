internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// Why a task is not taken, asked of nobody in particular: of the task, of its workspace, and of
/// every runner that asked for work of late.
struct RunnersQuestion {
    /// A runner that asked in so many seconds is still counted on.
    static let window: TimeInterval = 24 * 3600
    /// So many of them are looked at, the latest first.
    static let limit = 200

    let task: AgentTask
    let workspace: Workspace
    let caller: Caller
    let session: any Session

    func answer() throws -> Why {
        let anyone = question(caller.account, Claimer())
        let chances = try chances()
        return Why(
            taskID: task.id,
            gates: try anyone.taskGates() + anyone.placeGates() + [runnerGate(chances)],
            runners: chances)
    }

    private func question(_ account: Account, _ claimer: Claimer) -> WhyQuestion {
        WhyQuestion(
            task: task, workspace: workspace, caller: Caller(account: account, worker: nil),
            claimer: claimer, session: session)
    }

    private func chances() throws -> [RunnerChance] {
        let since = try session.now().addingTimeInterval(-Self.window)
        let runners = try RunnerSeen.where { $0.lastSeenAt >= since }
            .order { $0.lastSeenAt.descending }.limit(Self.limit).all(in: session)
        let ids = Set(runners.map(\.accountID)).sorted()
        let accounts = try Account.where {
            $0.id.in(ids); $0.closedAt == nil
        }
        .all(in: session)
        var closedOfAccount: [Account.ID: [GateName]] = [:]
        for account in accounts {
            let one = question(account, Claimer())
            closedOfAccount[account.id] = closed(try [one.accessGate()] + one.limitGates())
        }
        return try runners.compactMap { seen in
            guard let account = accounts.first(where: { $0.id == seen.accountID }),
                let shared = closedOfAccount[account.id]
            else { return nil }
            let claimer = Claimer(capabilities: seen.capabilities, runner: seen.name)
            let own = closed(try question(account, claimer).claimerGates())
            return RunnerChance(
                seen, closed: GateName.allCases.filter { own.contains($0) || shared.contains($0) })
        }
    }

    private func closed(_ gates: [Gate]) -> [GateName] { gates.filter { !$0.isOpen }.map(\.name) }

    private func runnerGate(_ chances: [RunnerChance]) throws -> Gate {
        let able = chances.filter(\.closed.isEmpty).count
        return Gate(
            .runner, isOpen: able > 0,
            current: "\(chances.count) asked in 24 hours, \(able) could take it",
            limit: "1 that could", hint: able > 0 ? "" : try hint(chances))
    }

    /// Who offers what the task needs was here when; or what keeps the nearest of them away.
    private func hint(_ chances: [RunnerChance]) throws -> String {
        let needed = Set(task.requiredCapabilities.names)
        let offering = chances.filter { needed.isSubset(of: $0.capabilities.names) }
        if let nearest = offering.min(by: { $0.closed.count < $1.closed.count }) {
            let gates = nearest.closed.map(\.rawValue).joined(separator: ", ")
            return "The nearest is \(nearest.runner), kept away by \(gates)."
        }
        let names = task.requiredCapabilities.names.joined(separator: ", ")
        let runner = names.isEmpty ? "No runner" : "No runner with \(names)"
        let last = try RunnerSeen.all.order { $0.lastSeenAt.descending }.limit(1000)
            .all(in: session).first { needed.isSubset(of: $0.capabilities.names) }
        guard let last else { return "\(runner) has ever asked." }
        let hours = Int(saturating: try session.now().timeIntervalSince(last.lastSeenAt) / 3600)
        let time = hours < 48 ? "\(hours) hours" : "\(hours / 24) days"
        return "\(runner) has asked for \(time); the last was \(last.name)."
    }
}
