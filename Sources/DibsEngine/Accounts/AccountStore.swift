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
        try Check.name(new.name, "name")
        try Check.timeZone(new.timeZone)
        try Check.atLeastOne(new.maxConcurrentWorkers, "maxConcurrentWorkers")
        try Check.atLeastOne(new.maxConcurrentSessions, "maxConcurrentSessions")
        try Check.notNegative(new.maxCostPerDay, "maxCostPerDay")
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
        try Check.name(name, "seat")
        if let seat = try Seat.where({ $0.name == name }).first(in: tx) { return seat.id }
        return try tx.insert(Seat.self) {
            $0.name = name
            $0.maxSessions = new.maxConcurrentSessions ?? 1
        }.id
    }

    /// Changes what is named; throws `not_found`.
    static func update(
        _ id: Account.ID, _ change: AccountChange, in tx: Transaction
    ) throws -> Account {
        try change.name.map { try Check.name($0, "name") }
        try change.timeZone.map { try Check.timeZone($0) }
        try Check.atLeastOne(change.maxConcurrentWorkers, "maxConcurrentWorkers")
        try Check.atLeastOne(change.maxConcurrentSessions, "maxConcurrentSessions")
        try Check.notNegative(change.maxCostPerDay, "maxCostPerDay")
        let now = try tx.now()
        let changed = try tx.update(Account.self) {
            if let name = change.name { $0.name = name }
            if let email = change.email { $0.email = email }
            if let level = change.level { $0.level = level }
            if let amount = change.maxCostPerDay { $0.maxCostPerDay = amount }
            if let count = change.maxConcurrentSessions { $0.maxConcurrentSessions = count }
            if let count = change.maxConcurrentWorkers { $0.maxConcurrentWorkers = count }
            if let zone = change.timeZone { $0.timeZone = zone }
            $0.updatedAt = now
        } where: {
            $0.id == id
        }
        guard let account = changed.first else { throw DibsError.notFound("account", id) }
        try tx.record(.accountUpdated, account: id)
        return account
    }
}

extension Engine {
    package func createAccount(
        _ new: NewAccount, as caller: Credential
    ) async throws -> AccountWithKey {
        let key = Credential.newKey()
        let recall = Recall<AccountWithKey> {
            ["\($0.account.id)"]
        } answer: { ids, _, _ in
            throw DibsError(
                .duplicate, "This request has made its account before, and shown its key then.",
                details: ["account": ids.first ?? ""],
                hint: "Use the key that was shown; it is kept nowhere.")
        }
        return try await writeOnce("POST accounts", new, as: caller, recall: recall) {
            tx, caller in
            try caller.needAdmin()
            return try AccountStore.insert(new, key: key, in: tx)
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
        try await read(as: caller) { snapshot, caller in
            guard let id, id != caller.account.id else { return caller.account }
            let found = try Account.where { $0.id == id }.first(in: snapshot)
            guard caller.isAdmin, let found else { throw DibsError.notFound("account", id) }
            return found
        }
    }

    package func updateAccount(
        _ id: Identifier<Account>, _ change: AccountChange, as caller: Credential
    ) async throws -> Account {
        let account = try await write(as: caller) { tx, caller in
            try caller.needAdmin()
            return try AccountStore.update(id, change, in: tx)
        }
        wakes.wakeAll()
        return account
    }

    package func grant(
        _ id: Identifier<Account>, in workspace: Identifier<Workspace>, _ rights: Rights,
        as caller: Credential
    ) async throws -> Grant {
        let grant = try await write(as: caller) { tx, caller in
            try caller.needAdmin()
            guard try Account.where({ $0.id == id }).first(in: tx) != nil else {
                throw DibsError.notFound("account", id)
            }
            _ = try caller.workspace(workspace, in: tx)
            let grant = try tx.upsert(Grant.self, onConflict: [\.accountID, \.workspaceID]) {
                $0.accountID = id
                $0.workspaceID = workspace
                $0.canClaim = rights.canClaim
                $0.canCreate = rights.canCreate
            }
            try tx.record(.accountGranted, workspace: workspace, account: id)
            return grant
        }
        wakes.wakeAll()
        return grant
    }
}
