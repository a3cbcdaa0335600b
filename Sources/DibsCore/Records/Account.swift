package import Foundation

/// An account that may act: a person, a service or a CI action, with one API key.
///
/// Every limit that is set applies, whatever the `authType`; nil is no limit.
package struct Account: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Account>
    /// The name that people use, 1 to 200 characters.
    package var name: String
    /// The address at which its owner can be reached; never used to sign in.
    package var email: String?
    /// The kind of worker that runs under it; tasks may prefer one.
    package var type: AccountType
    /// The level: rights besides work.
    package var level: AccountLevel
    /// SHA-256 of its API key; never leaves the database, so it is empty in what a door decoded.
    package var keyHash: KeyHash = KeyHash()
    /// The first characters of its key, to tell keys apart.
    package var keyPrefix: String
    /// Its GitHub user id, where one is linked.
    package var githubID: String?
    /// The way in which its provider bills it.
    package var authType: AuthType
    /// US dollars a day in `timeZone`; nil is no limit.
    package var maxCostPerDay: USD?
    /// US dollars over its whole life.
    package var totalCost: USD
    /// The subscription it shares with others; nil when it has none.
    package var seatID: Identifier<Seat>?
    /// Sessions at once, at least 1; nil is no limit.
    package var maxConcurrentSessions: Int?
    /// Sessions now; equals its live, counted workers.
    package var activeSessions: Int
    /// Workers at once, at least 1; nil is no limit.
    package var maxConcurrentWorkers: Int?
    /// Workers now; equals its live, counted workers.
    package var activeWorkers: Int
    /// Attempts it completed.
    package var totalTasks: Int
    /// IANA name of the zone its day is in, `UTC` unless set.
    package var timeZone: String
    /// The zone that takes its place, when one was set.
    package var nextTimeZone: String?
    /// Moment of that: the later of the two zones' next midnights, so that no day comes twice.
    package var nextTimeZoneAt: Date?
    /// Moment at which it was closed for good, UTC; a closed account may do nothing.
    package var closedAt: Date?
    /// Moment at which it was made, UTC.
    package var createdAt: Date
    /// Moment of its last change, UTC.
    package var updatedAt: Date

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Account>, name: String, email: String?, type: AccountType,
        level: AccountLevel, keyHash: KeyHash, keyPrefix: String, githubID: String?,
        authType: AuthType, maxCostPerDay: USD?, totalCost: USD, seatID: Identifier<Seat>?,
        maxConcurrentSessions: Int?, activeSessions: Int, maxConcurrentWorkers: Int?,
        activeWorkers: Int, totalTasks: Int, timeZone: String, nextTimeZone: String?,
        nextTimeZoneAt: Date?, closedAt: Date?, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.type = type
        self.level = level
        self.keyHash = keyHash
        self.keyPrefix = keyPrefix
        self.githubID = githubID
        self.authType = authType
        self.maxCostPerDay = maxCostPerDay
        self.totalCost = totalCost
        self.seatID = seatID
        self.maxConcurrentSessions = maxConcurrentSessions
        self.activeSessions = activeSessions
        self.maxConcurrentWorkers = maxConcurrentWorkers
        self.activeWorkers = activeWorkers
        self.totalTasks = totalTasks
        self.timeZone = timeZone
        self.nextTimeZone = nextTimeZone
        self.nextTimeZoneAt = nextTimeZoneAt
        self.closedAt = closedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, email, type, level, keyPrefix
        case githubID = "githubId"
        case authType
        case maxCostPerDay, totalCost
        case seatID = "seatId"
        case maxConcurrentSessions, activeSessions
        case maxConcurrentWorkers, activeWorkers, totalTasks, timeZone, nextTimeZone
        case nextTimeZoneAt, closedAt, createdAt, updatedAt
    }
}
