package import DibsCore
package import DibsData

extension Account: Entity {
    /// Accounts; each one's counters are guarded in the claim.
    package static let table = Table<Account>(
        "accounts",
        Column("id", \.id, default: .random),
        Column("name", \.name, check: "length(name) BETWEEN 1 AND 200"),
        Column("email", \.email),
        Column("type", \.type, default: .value(.user)),
        Column("level", \.level, default: .value(.worker)),
        Column("api_key", \.keyHash),
        Column("api_key_prefix", \.keyPrefix),
        Column("github_id", \.githubID),
        Column("auth_type", \.authType, default: .value(.api)),
        Column("max_cost_per_day", \.maxCostPerDay),
        Column("total_cost", \.totalCost, default: .value(.zero)),
        Column("seat_id", \.seatID),
        Column(
            "max_concurrent_sessions", \.maxConcurrentSessions,
            check: "max_concurrent_sessions >= 1"),
        Column(
            "active_sessions", \.activeSessions, default: .value(0), check: "active_sessions >= 0"),
        Column(
            "max_concurrent_workers", \.maxConcurrentWorkers, default: .value(3),
            check: "max_concurrent_workers >= 1"),
        Column("active_workers", \.activeWorkers, default: .value(0), check: "active_workers >= 0"),
        Column("total_tasks", \.totalTasks, default: .value(0), check: "total_tasks >= 0"),
        Column("time_zone", \.timeZone, default: .value("UTC")),
        Column("next_time_zone", \.nextTimeZone),
        Column("next_time_zone_at", \.nextTimeZoneAt),
        Column("closed_at", \.closedAt),
        Column("created_at", \.createdAt, default: .now),
        Column("updated_at", \.updatedAt, default: .now),
        make: Account.init,
        indexes: [
            Index("accounts_api_key_idx", unique: true) { $0.keyHash },
            Index("accounts_seat_id_idx") {
                $0.seatID
            } where: {
                $0.seatID != nil
            },
        ])

    /// The subscription it shares.
    package static let seat = one(\.seatID)
}
