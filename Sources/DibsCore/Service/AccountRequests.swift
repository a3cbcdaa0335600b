/// A request to make an account; only the name is needed.
package struct NewAccount: Sendable, Hashable, Codable {
    /// 1 to 200 characters.
    package var name: String
    /// The address at which its owner can be reached, one line of at most 320 characters.
    package var email: String?
    /// The kind of worker that runs under it.
    package var type: AccountType
    /// The level: rights besides work.
    package var level: AccountLevel
    /// The way in which its provider bills it.
    package var authType: AuthType
    /// US dollars a day; nil is no limit.
    package var maxCostPerDay: USD?
    /// Sessions at once, at least 1; nil is no limit.
    package var maxConcurrentSessions: Int?
    /// Workers at once, at least 1.
    package var maxConcurrentWorkers: Int
    /// The subscription it shares, by name; made when it is new.
    package var seat: String?
    /// IANA name of the zone its day is in.
    package var timeZone: String

    /// Only what differs from the defaults need be said.
    package init(
        name: String, email: String? = nil, type: AccountType = .user,
        level: AccountLevel = .worker, authType: AuthType = .api, maxCostPerDay: USD? = nil,
        maxConcurrentSessions: Int? = nil, maxConcurrentWorkers: Int = 3, seat: String? = nil,
        timeZone: String = "UTC"
    ) {
        self.name = name
        self.email = email
        self.type = type
        self.level = level
        self.authType = authType
        self.maxCostPerDay = maxCostPerDay
        self.maxConcurrentSessions = maxConcurrentSessions
        self.maxConcurrentWorkers = maxConcurrentWorkers
        self.seat = seat
        self.timeZone = timeZone
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, email, type, level, authType, maxCostPerDay, maxConcurrentSessions
        case maxConcurrentWorkers, seat, timeZone
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        name = try box.decode(String.self, forKey: .name)
        email = try box.decodeIfPresent(String.self, forKey: .email)
        type = try box.decodeIfPresent(AccountType.self, forKey: .type) ?? .user
        level = try box.decodeIfPresent(AccountLevel.self, forKey: .level) ?? .worker
        authType = try box.decodeIfPresent(AuthType.self, forKey: .authType) ?? .api
        maxCostPerDay = try box.decodeIfPresent(USD.self, forKey: .maxCostPerDay)
        maxConcurrentSessions = try box.decodeIfPresent(Int.self, forKey: .maxConcurrentSessions)
        maxConcurrentWorkers = try box.decodeIfPresent(Int.self, forKey: .maxConcurrentWorkers) ?? 3
        seat = try box.decodeIfPresent(String.self, forKey: .seat)
        timeZone = try box.decodeIfPresent(String.self, forKey: .timeZone) ?? "UTC"
    }
}

/// Changes of an account; what is nil stays.
package struct AccountChange: Sendable, Hashable, Codable {
    /// 1 to 200 characters.
    package var name: String?
    /// The address at which its owner can be reached, one line of at most 320 characters.
    package var email: String?
    /// The level: rights besides work.
    package var level: AccountLevel?
    /// US dollars a day.
    package var maxCostPerDay: Limit<USD>?
    /// Sessions at once, at least 1; its seat's too, which none leaves as it is.
    package var maxConcurrentSessions: Limit<Int>?
    /// Workers at once, at least 1.
    package var maxConcurrentWorkers: Limit<Int>?
    /// IANA name of the zone its day is in; counts from the later of both zones' next midnights.
    package var timeZone: String?
    /// Closes it: its key opens nothing from then on, while its workers go on to their end; false
    /// opens it again.
    package var closed: Bool?

    /// Only what differs from the defaults need be said.
    package init(
        name: String? = nil, email: String? = nil, level: AccountLevel? = nil,
        maxCostPerDay: Limit<USD>? = nil, maxConcurrentSessions: Limit<Int>? = nil,
        maxConcurrentWorkers: Limit<Int>? = nil, timeZone: String? = nil, closed: Bool? = nil
    ) {
        self.name = name
        self.email = email
        self.level = level
        self.maxCostPerDay = maxCostPerDay
        self.maxConcurrentSessions = maxConcurrentSessions
        self.maxConcurrentWorkers = maxConcurrentWorkers
        self.timeZone = timeZone
        self.closed = closed
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, email, level, maxCostPerDay, maxConcurrentSessions, maxConcurrentWorkers
        case timeZone, closed
    }
}

/// A new account and its key, which is shown this once.
package struct AccountWithKey: Sendable, Hashable, Codable {
    /// The account.
    package var account: Account
    /// `dibs_` and 256 random bits.
    package var apiKey: String

    /// Only what differs from the defaults need be said.
    package init(
        account: Account, apiKey: String
    ) {
        self.account = account
        self.apiKey = apiKey
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case account, apiKey
    }
}

/// The rights of an account in a workspace; in a restricted one, none of the three is no sight of
/// it.
package struct Rights: Sendable, Hashable, Codable {
    /// Whether it may take tasks.
    package var canClaim: Bool
    /// Whether it may add tasks and sources.
    package var canCreate: Bool
    /// Whether it may decide and answer: answer, approve, reject, cancel, retry, edit, delete, put
    /// away, and release what others work on; an open workspace does not give it.
    package var canReview: Bool

    /// Only what differs from the defaults need be said.
    package init(
        canClaim: Bool = true, canCreate: Bool = false, canReview: Bool = false
    ) {
        self.canClaim = canClaim
        self.canCreate = canCreate
        self.canReview = canReview
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case canClaim, canCreate, canReview
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        canClaim = try box.decodeIfPresent(Bool.self, forKey: .canClaim) ?? true
        canCreate = try box.decodeIfPresent(Bool.self, forKey: .canCreate) ?? false
        canReview = try box.decodeIfPresent(Bool.self, forKey: .canReview) ?? false
    }
}
