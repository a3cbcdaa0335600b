internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// What an account's limits leave for one more claim, read after its row was locked.
///
/// The lock is what makes the sums true: a statement's snapshot is taken before it waits for a
/// lock, so the sums are statements of their own, after it (RULES 4).
struct AccountRoom {
    /// The account as it is under the lock.
    let account: Account
    /// Its seat under the lock, where it has one.
    let seat: Seat?
    /// What it may still set aside today; nil is no limit.
    var money: USD?

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

    /// How many more workers fit now, at most `wanted`; throws the limit that leaves none.
    func slots(_ wanted: Int) throws -> Int {
        var room = wanted
        if let limit = account.maxConcurrentWorkers {
            guard account.activeWorkers < limit else {
                throw Self.full(
                    .workerLimit, "The account has as many workers at once as it may.",
                    limit, account.activeWorkers)
            }
            room = min(room, limit - account.activeWorkers)
        }
        if let limit = account.maxConcurrentSessions {
            guard account.activeSessions < limit else {
                throw Self.full(
                    .sessionLimit, "The account has as many sessions at once as it may.",
                    limit, account.activeSessions)
            }
            room = min(room, limit - account.activeSessions)
        }
        if let seat {
            guard seat.active < seat.maxSessions else {
                throw Self.full(
                    .sessionLimit, "The shared seat has as many sessions at once as it may.",
                    seat.maxSessions, seat.active)
            }
            room = min(room, seat.maxSessions - seat.active)
        }
        return room
    }

    private static func full(
        _ code: ErrorCode, _ message: String, _ limit: Int, _ current: Int
    ) -> DibsError {
        DibsError(
            code, message, details: ["limit": "\(limit)", "current": "\(current)"],
            hint: "Wait for a worker to end (waitSeconds waits for it), or raise the limit.")
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

/// How a row is locked until the end of the transaction.
enum Lock {
    /// SQLite has one writer, so a transaction that writes has locked everything already.
    ///
    /// Not FOR UPDATE: that one also waits for, and skips, rows that are only referred to.
    static let row: SQL = .either(sqlite: "", postgres: "FOR NO KEY UPDATE")
    /// The same, passing over what others hold.
    static let rowOrSkip: SQL = .either(sqlite: "", postgres: "FOR NO KEY UPDATE SKIP LOCKED")
}
