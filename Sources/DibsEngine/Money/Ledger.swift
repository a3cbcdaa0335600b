internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// The append-only list of what was spent, and the sums that are kept of it.
///
/// Its entries are never changed and never removed: an amount that was wrong is corrected by an
/// entry of its own, on the day of the one it names.
struct Ledger {
    let worker: Worker
    let tx: Transaction

    /// One line to be.
    struct Line {
        var amount: USD
        var inputTokens = 0
        var outputTokens = 0
        var model: String?
        var provenance = Provenance.reported
        var sequence: Int?
        var occurredAt: Date?
        var corrects: CostEntry?
    }

    /// Adds a line, and its amount to the account, its day and the worker.
    ///
    /// The account is locked. Throws `amount_out_of_range`, before anything is written, for a sum
    /// that no column holds.
    func add(_ line: Line) throws -> CostEntry {
        let account = try account()
        let (last, moment) = try place(line)
        let day = line.corrects?.day ?? account.day(at: moment).name
        try checkSums(line.amount, account, day)
        if line.amount < .zero { tx.openRoom() }
        try tx.execute(
            """
            UPDATE accounts SET total_cost = total_cost + \(line.amount)
            WHERE id = \(worker.accountID)
            """)
        try tx.execute(
            """
            INSERT INTO account_days (account_id, day, spent)
            VALUES (\(worker.accountID), \(day), \(line.amount))
            ON CONFLICT (account_id, day)
            DO UPDATE SET spent = account_days.spent + excluded.spent
            """)
        try tx.execute(
            "UPDATE workers SET cost_usd = cost_usd + \(line.amount) WHERE id = \(worker.id)")
        let worker = worker
        return try tx.insert(CostEntry.self) {
            $0.workerID = worker.id
            $0.accountID = worker.accountID
            $0.day = day
            $0.sequence = line.sequence ?? last + 1
            $0.amount = line.amount
            $0.inputTokens = line.inputTokens
            $0.outputTokens = line.outputTokens
            $0.model = line.model
            $0.provenance = line.provenance
            $0.corrects = line.corrects?.id
            $0.occurredAt = moment
        }
    }

    /// The account that pays.
    func account() throws -> Account {
        guard let account = try Account.find(worker.accountID, in: tx) else {
            throw DataError(.missing, "the account of a worker is gone")
        }
        return account
    }

    /// The last number so far, also of what is parked, and the moment of a line: between the entry
    /// before and now.
    func place(_ line: Line) throws -> (sequence: Int, moment: Date) {
        let last = try CostEntry.where { $0.workerID == worker.id }
            .order { $0.sequence.descending }.first(in: tx)
        let parked = try ParkedCost.where { $0.workerID == worker.id }
            .order { $0.sequence.descending }.first(in: tx)
        let now = try tx.now()
        let moment = min(max(line.occurredAt ?? now, last?.occurredAt ?? worker.createdAt), now)
        return (max(last?.sequence ?? 0, parked?.sequence ?? 0), moment)
    }

    private func checkSums(_ amount: USD, _ account: Account, _ day: String) throws {
        let spent = try AccountDay.where {
            $0.accountID == account.id; $0.day == day
        }
        .first(in: tx)?.spent
        for sum in [account.totalCost, spent ?? .zero, worker.costUSD] { _ = try sum + amount }
    }
}
