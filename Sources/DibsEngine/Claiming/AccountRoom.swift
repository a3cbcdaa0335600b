internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// The room that an account's limits leave for one more claim, read after its row was locked.
///
/// The lock is what makes the sums true: a statement's snapshot is taken before it waits for a
/// lock, so the sums are statements of their own, after it (RULES 4).
struct AccountRoom {
    /// The account as it is under the lock.
    let account: Account
    /// Its seat under the lock, where it has one.
    let seat: Seat?
    /// Money it may still set aside today; nil is no limit.
    var money: USD?

    /// The same; nil also when the whole day is left, for then every task fits into it.
    var partOfDay: USD? {
        guard let money, let limit = account.maxCostPerDay, money < limit else { return nil }
        return money
    }

    /// Locks the seat and then the account, and reads what is left.
    static func locked(_ id: Account.ID, in tx: Transaction) throws -> AccountRoom {
        while true {
            let seatID = try tx.rows(
                "SELECT seat_id FROM accounts WHERE id = \(id)", as: Seat.ID?.self)
            let seat = try seatID.first?.flatMap { try lock(seat: $0, in: tx) }
            guard let account = try lock(account: id, in: tx) else {
                throw DibsError.notFound("account", id)
            }
            // Another seat was given to it between the two: begin with that one.
            guard account.seatID == seat?.id else { continue }
            let money = try DayMoney.room(of: account, at: tx.now(), in: tx)
            return AccountRoom(account: account, seat: seat, money: money)
        }
    }

    private static func lock(seat id: Seat.ID, in tx: Transaction) throws -> Seat? {
        try tx.all(
            Seat.self, "SELECT \(columns: Seat.self) FROM seats WHERE id = \(id) \(Lock.row)"
        ).first
    }

    private static func lock(account id: Account.ID, in tx: Transaction) throws -> Account? {
        try tx.all(
            Account.self,
            "SELECT \(columns: Account.self) FROM accounts WHERE id = \(id) \(Lock.row)"
        ).first
    }

    /// Slots that a new claim leaves to workers whose question was answered while they waited
    /// without one: they go first.
    struct Kept: Sendable {
        /// Of the account.
        var account = 0
        /// Of the accounts that share its seat.
        var seat = 0

        /// Counts them.
        static func of(_ account: Account, in session: some Session) throws -> Kept {
            let mine = try Lease.where {
                $0.accountID == account.id; $0.answered == .literal(true)
            }
            .count(in: session)
            guard let seat = account.seatID else { return Kept(account: mine) }
            let all = try session.rows(
                """
                SELECT count(*) FROM leases l JOIN accounts a ON a.id = l.account_id
                WHERE a.seat_id = \(seat) AND l.answered = \(sqlite: "1", postgres: "true")
                """, as: Int.self)
            return Kept(account: mine, seat: all.first ?? 0)
        }
    }

    /// Answers the number of workers that still fit, at most `wanted`; throws the limit that leaves
    /// none.
    func slots(_ wanted: Int, keeping kept: Kept) throws -> Int {
        let workers = account.maxConcurrentWorkers.map { $0 - account.activeWorkers - kept.account }
        let sessions = account.maxConcurrentSessions.map {
            $0 - account.activeSessions - kept.account
        }
        let seats = seat.map { $0.maxSessions - $0.active - kept.seat }
        if let workers, workers <= 0 {
            throw Self.full(
                .workerLimit, "The account has as many workers at once as it may.",
                account.maxConcurrentWorkers, account.activeWorkers)
        }
        if let sessions, sessions <= 0 {
            throw Self.full(
                .sessionLimit, "The account has as many sessions at once as it may.",
                account.maxConcurrentSessions, account.activeSessions)
        }
        if let seats, seats <= 0 {
            throw Self.full(
                .sessionLimit, "The shared seat has as many sessions at once as it may.",
                seat?.maxSessions, seat?.active ?? 0)
        }
        return min(wanted, workers ?? wanted, sessions ?? wanted, seats ?? wanted)
    }

    private static func full(
        _ code: ErrorCode, _ message: String, _ limit: Int?, _ current: Int
    ) -> DibsError {
        DibsError(
            code, message,
            details: ["limit": limit.map { "\($0)" } ?? "", "current": "\(current)"],
            hint: "Wait for a worker to end (waitSeconds waits for it), or raise the limit.")
    }

    /// The limits that a claim was held to, for its event.
    func limitsInForce(hold: USD) -> JSON {
        var limits: [String: JSON] = ["hold": .string(hold.description)]
        limits["maxConcurrentWorkers"] = account.maxConcurrentWorkers.map {
            .number(JSONNumber($0))
        }
        limits["maxConcurrentSessions"] =
            account.maxConcurrentSessions.map { .number(JSONNumber($0)) }
        limits["seatSessions"] = seat.map { .number(JSONNumber($0.maxSessions)) }
        limits["maxCostPerDay"] = account.maxCostPerDay.map { .string($0.description) }
        return .object(limits)
    }

    /// The error of a day that has no room.
    func dayLimit(at now: Date) throws -> DibsError {
        let limit = account.maxCostPerDay ?? .zero
        return DibsError(
            .dayLimit, "The account's money for today is spent or set aside.",
            details: [
                "limit": "\(limit)", "current": "\(try limit - (money ?? .zero))",
                "resetsAt": account.day(at: now).end.ISO8601Format(),
            ],
            hint: "Wait for the next day or for a worker to end, or raise maxCostPerDay.")
    }

    /// Takes `count` slots, in the account and in the seat; the guards hold the limits once more.
    func take(_ count: Int, in tx: Transaction) throws {
        let taken = try tx.execute(
            """
            UPDATE accounts SET active_workers = active_workers + \(count),
                active_sessions = active_sessions + \(count)
            WHERE id = \(account.id)
            AND (max_concurrent_workers IS NULL
                OR active_workers + \(count) <= max_concurrent_workers)
            AND (max_concurrent_sessions IS NULL
                OR active_sessions + \(count) <= max_concurrent_sessions)
            """)
        let seated = try seat.map { seat in
            try tx.execute(
                """
                UPDATE seats SET active = active + \(count)
                WHERE id = \(seat.id) AND active + \(count) <= max_sessions
                """)
        }
        guard taken == 1, seated != 0 else {
            throw DataError(.engine, "a counter moved under its lock")
        }
    }

    /// Gives one slot back when a worker ends; the row is locked by its first statement.
    static func release(_ account: Account, in tx: Transaction) throws {
        tx.openRoom()
        if let seat = account.seatID {
            try tx.execute("UPDATE seats SET active = active - 1 WHERE id = \(seat)")
        }
        try tx.execute(
            """
            UPDATE accounts
            SET active_workers = active_workers - 1, active_sessions = active_sessions - 1
            WHERE id = \(account.id)
            """)
    }
}

/// The lock of a row until the end of the transaction.
enum Lock {
    /// SQLite has one writer, so a transaction that writes has locked everything already.
    ///
    /// Not FOR UPDATE: that one also waits for, and skips, rows that are only referred to.
    static let row: SQL = .either(sqlite: "", postgres: "FOR NO KEY UPDATE")
    /// The same, passing over what others hold.
    static let rowOrSkip: SQL = .either(sqlite: "", postgres: "FOR NO KEY UPDATE SKIP LOCKED")
    /// Keeps a row from being removed while another one is made that points to it.
    static let reference: SQL = .either(sqlite: "", postgres: "FOR KEY SHARE")

    /// Keeps a workspace from being removed; throws `not_found` when it is gone.
    static func hold(_ workspace: Workspace.ID, in tx: Transaction) throws {
        let held = try tx.rows(
            "SELECT id FROM workspaces WHERE id = \(workspace) \(reference)",
            as: Workspace.ID.self)
        guard !held.isEmpty else { throw DibsError.notFound("workspace", workspace) }
    }

    /// Keeps a task from being removed; throws `not_found` when it is gone.
    static func hold(_ task: AgentTask.ID, in tx: Transaction) throws {
        let held = try tx.rows(
            "SELECT id FROM tasks WHERE id = \(task) \(reference)", as: AgentTask.ID.self)
        guard !held.isEmpty else { throw DibsError.notFound("task", task) }
    }
}
