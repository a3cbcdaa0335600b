import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation

/// What happened in a history, told by what was taken from whom and by rows that are only added.
///
/// No counter is asked, nor a flag of a lease: where those are wrong they agree with each other.
struct ModelHappenings {
    /// Workers whose last word that was taken is a question that is open.
    private var lent: Set<Worker.ID> = []

    /// A limit that a step has passed which was not refused, in words.
    ///
    /// Only a step by which a worker comes to a slot can pass one: limits may be lowered below what
    /// is at work.
    mutating func passedLimit(
        by step: Step, _ newWorkers: ArraySlice<Worker.ID>, at site: ModelSite, _ model: Model
    ) async throws -> String? {
        switch step {
        case .wait(let number, _):
            guard let worker = site.worker(number) else { return nil }
            let isOpen = try await site.isAsking(worker)
            if isOpen { lent.insert(worker) } else { lent.remove(worker) }
            return nil
        case .claim(let account, _, _), .name(_, let account, _):
            guard !newWorkers.isEmpty else { return nil }
            if let words = try await tooManyAtWork(for: account, at: site, model) { return words }
            return try await claimOfSpentDay(by: account, at: site, model)
        case .start(let number), .spend(let number, _), .word(let number), .leave(let number),
            .post(let number, _):
            guard let worker = site.worker(number), lent.remove(worker) != nil,
                let account = try await site.account(of: worker)
            else { return nil }
            return try await tooManyAtWork(for: account, at: site, model)
        default: return nil
        }
    }

    private func tooManyAtWork(
        for account: Int, at site: ModelSite, _ model: Model
    ) async throws -> String? {
        let working = try await site.liveWorkers(of: account).subtracting(lent).count
        let most = model.accounts[account].workers
        return working <= most ? nil : "\(working) work for account \(account), which may \(most)"
    }

    private func claimOfSpentDay(
        by account: Int, at site: ModelSite, _ model: Model
    ) async throws -> String? {
        guard let limit = model.accounts[account].limit else { return nil }
        let spent = try await site.ledgerOfToday(of: account)
        return spent < ModelSite.cents(limit)
            ? nil : "account \(account) has claimed with \(spent) spent of \(limit) cents"
    }
}

extension ModelSite {
    fileprivate func worker(_ number: Int) -> Worker.ID? {
        workers.isEmpty ? nil : workers[number % workers.count]
    }

    fileprivate func isAsking(_ worker: Worker.ID) async throws -> Bool {
        try await bed.database.read { snapshot in
            try Question.where {
                $0.workerID == worker; $0.kind == .ask; $0.answeredAt == nil
            }
            .count(in: snapshot) > 0
        }
    }

    fileprivate func account(of worker: Worker.ID) async throws -> Int? {
        let found = try await bed.database.read { try Worker.find(worker, in: $0) }
        return accounts.firstIndex { $0.id == found?.accountID }
    }

    fileprivate func liveWorkers(of account: Int) async throws -> Set<Worker.ID> {
        let id = accounts[account].id
        return try await bed.database.read { snapshot in
            let live = Worker.where {
                $0.accountID == id; $0.completedAt == nil
            }
            let rows = try live.all(in: snapshot)
            return Set(rows.map(\.id))
        }
    }

    /// The sum of an account's costs whose day is the clock's, UTC.
    fileprivate func ledgerOfToday(of account: Int) async throws -> USD {
        let (id, day) = (
            accounts[account].id, bed.clock.now.formatted(.iso8601.year().month().day())
        )
        let amounts = try await bed.database.read { snapshot in
            try snapshot.rows(
                "SELECT amount FROM cost_entries WHERE account_id = \(id) AND day = \(day)",
                as: USD.self)
        }
        return USD(nanos: amounts.reduce(0) { $0 + $1.nanos })
    }
}
