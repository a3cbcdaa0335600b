package import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Accounts, their limits and what they may do where.
enum AccountStore {
    /// Adds an account with a key; only the key's hash is kept.
    static func insert(
        _ new: NewAccount, key: Credential, in tx: Transaction
    ) throws -> AccountWithKey {
        let seat = try new.seat.map { try self.seat(named: $0, for: new, in: tx) }
        let account = try tx.insert(Account.self) {
            $0.name = new.name
            $0.email = new.email
            $0.type = new.type
            $0.level = new.level
            $0.keyHash = key.hash
            $0.keyPrefix = key.prefix
            $0.authType = new.authType
            $0.maxCostPerDay = new.maxCostPerDay
            $0.seatID = seat
            $0.maxConcurrentSessions = new.maxConcurrentSessions
            $0.maxConcurrentWorkers = new.maxConcurrentWorkers
            $0.timeZone = new.timeZone
        }
        try tx.record(.accountCreated, account: account.id)
        return AccountWithKey(account: account, apiKey: key.secret)
    }

    /// The seat of that name; made with the account's session limit when it is new.
    private static func seat(
        named name: String, for new: NewAccount, in tx: Transaction
    ) throws -> Seat.ID {
        if let seat = try Seat.where({ $0.name == name }).first(in: tx) { return seat.id }
        return try tx.insert(Seat.self) {
            $0.name = name
            $0.maxSessions = new.maxConcurrentSessions ?? 1
        }.id
    }

    /// Changes what is named; throws `not_found`.
    ///
    /// A new limit on sessions is the limit of the account's seat too, whichever of the accounts
    /// that share the seat it is said of; taking the account's away leaves the seat's as it was.
    static func update(
        _ id: Account.ID, _ change: AccountChange, in tx: Transaction
    ) throws -> Account {
        let now = try tx.now()
        guard let before = try Account.where({ $0.id == id }).first(in: tx) else {
            throw DibsError.notFound("account", id)
        }
        if before.level == .admin, change.level == .worker || change.closed == true {
            try needAnotherAdmin(than: id, in: tx)
        }
        let zoneChange = change.timeZone.map { TimeZoneChange(of: before, to: $0, at: now) }
        if let seat = before.seatID, let most = change.maxConcurrentSessions?.value {
            try tx.execute("UPDATE seats SET max_sessions = \(most) WHERE id = \(seat)")
        }
        let changed = try tx.update(Account.self) {
            if let name = change.name { $0.name = name }
            if let email = change.email { $0.email = email }
            if let level = change.level { $0.level = level }
            if let limit = change.maxCostPerDay { $0.maxCostPerDay = limit.value }
            if let limit = change.maxConcurrentSessions { $0.maxConcurrentSessions = limit.value }
            if let limit = change.maxConcurrentWorkers { $0.maxConcurrentWorkers = limit.value }
            if let zoneChange {
                $0.timeZone = zoneChange.present
                $0.nextTimeZone = zoneChange.next
                $0.nextTimeZoneAt = zoneChange.at
            }
            if let closed = change.closed { $0.closedAt = closed ? before.closedAt ?? now : nil }
            $0.updatedAt = now
        } where: {
            $0.id == id
        }
        guard let account = changed.first else { throw DibsError.notFound("account", id) }
        try tx.record(.accountUpdated, account: id)
        return account
    }
}

/// The course of an account's time zone when another one is set.
///
/// The new one counts from the later of both zones' next midnights, so that no date comes twice and
/// today's limit is not given anew. Setting the present one takes a change back.
struct TimeZoneChange {
    let present: String
    var next: String?
    var at: Date?

    init(of account: Account, to zone: String, at now: Date) {
        present = account.zone(at: now)
        guard zone != present else { return }
        next = zone
        at = max(account.day(at: now).end, LocalDay(of: now, in: zone).end)
    }
}

extension AccountStore {
    /// Throws `in_use` when the account is the only admin left: nobody could make another.
    static func needAnotherAdmin(than id: Account.ID, in tx: Transaction) throws {
        let others = try Account.where {
            $0.level == .admin; $0.closedAt == nil; $0.id != id
        }
        .count(in: tx)
        guard others == 0 else { return }
        throw DibsError(
            .inUse, "It is the only admin.", details: ["account": "\(id)"],
            hint: "Make another admin first: dibs account add NAME --admin.")
    }

    /// Removes an account that nothing hangs on.
    static func delete(_ id: Account.ID, in tx: Transaction) throws {
        guard let account = try Account.where({ $0.id == id }).first(in: tx) else {
            throw DibsError.notFound("account", id)
        }
        if account.level == .admin { try needAnotherAdmin(than: id, in: tx) }
        let hint = "Close it: dibs account close \(id). Its ledger stays."
        try Removal.check("The account has claimed before.", hint: hint, in: tx) {
            "SELECT 1 FROM workers WHERE account_id = \(id)"
        }
        try Removal.check("The account has answered before.", hint: hint, in: tx) {
            "SELECT 1 FROM questions WHERE answered_by = \(id)"
        }
        try tx.delete(from: Account.self) { $0.id == id }
        try tx.record(.accountDeleted, account: id)
    }

    /// Gives it another key; the old one opens nothing from then on.
    static func rotateKey(
        of account: Account, to key: Credential, in tx: Transaction
    ) throws -> AccountWithKey {
        let now = try tx.now()
        let changed = try tx.update(Account.self) {
            $0.keyHash = key.hash
            $0.keyPrefix = key.prefix
            $0.updatedAt = now
        } where: {
            $0.id == account.id
        }
        try tx.record(.accountKeyRotated, account: account.id)
        return AccountWithKey(account: changed.first ?? account, apiKey: key.secret)
    }
}

extension Recall where Answer == AccountWithKey {
    /// An account with the key it was given, as long as that is its key.
    static var accountKey: Recall<AccountWithKey> {
        Recall {
            Once.Kept(ids: ["\($0.account.id)"], secret: $0.apiKey)
        } answer: { kept, tx, caller in
            let id = kept.ids.first.flatMap { Account.ID($0) }
            let account = try caller.account(id, in: tx)
            guard let key = kept.secret, Credential(key).hash == account.keyHash else {
                throw DibsError(
                    .keyRenewed,
                    "The key that this request gave out is not the account's any more.",
                    details: ["account": "\(account.id)"],
                    hint: "Renew it under another Idempotency-Key: dibs account rotate-key.")
            }
            return AccountWithKey(account: account, apiKey: key)
        }
    }
}

extension Engine {
    package func createAccount(
        _ new: NewAccount, as caller: Credential
    ) async throws -> AccountWithKey {
        let key = Credential.newKey()
        return try await writeOnce("POST accounts", new, as: caller, recall: .accountKey) {
            try $1.needAdmin()
        } act: { tx, _, _ in
            try AccountStore.insert(new, key: key, in: tx)
        }
    }

    package func accounts(
        _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<Account> {
        try await read(as: caller) { snapshot, caller in
            try caller.needAccount()
            let (isAdmin, me) = (caller.isAdmin, caller.account.id)
            let query = Account.where { if !isAdmin { $0.id == me } }
                .order { $0.createdAt.descending }
            return try query.page(page, in: snapshot)
        }
    }

    package func account(
        _ id: Identifier<Account>?, as caller: Credential
    ) async throws -> Account {
        try await read(as: caller) { snapshot, caller in try caller.account(id, in: snapshot) }
    }

    package func updateAccount(
        _ id: Identifier<Account>, _ change: AccountChange, as caller: Credential
    ) async throws -> Account {
        try change.check()
        return try await write(as: caller) { tx, caller in
            try caller.needAdmin()
            tx.changeRules()
            return try AccountStore.update(id, change, in: tx)
        }
    }

    package func deleteAccount(
        _ id: Identifier<Account>, as caller: Credential
    ) async throws {
        try await write(as: caller) { tx, caller in
            try caller.needAdmin()
            try AccountStore.delete(id, in: tx)
        }
    }

    package func rotateKey(
        of id: Identifier<Account>, as caller: Credential
    ) async throws -> AccountWithKey {
        let key = Credential.newKey()
        let operation = "POST accounts/\(id)/rotate-key"
        return try await writeOnce(operation, NoBody(), as: caller, recall: .accountKey) {
            try $1.needAccount()
            return try $1.account(id, in: $0)
        } act: { tx, _, account in
            try AccountStore.rotateKey(of: account, to: key, in: tx)
        }
    }
}
