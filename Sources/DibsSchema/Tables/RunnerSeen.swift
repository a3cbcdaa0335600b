package import DibsCore
package import DibsData

extension RunnerSeen: TableRecord {
    /// One row a process that claims, kept from its claims.
    package static let table = Table<RunnerSeen>(
        "runners",
        Column("account_id", \.accountID, primaryKey: true, onDelete: "CASCADE"),
        Column("name", \.name, primaryKey: true),
        Column("capabilities", \.capabilities, default: .value(.none)),
        Column("last_seen_at", \.lastSeenAt, default: .now),
        make: RunnerSeen.init,
        indexes: [
            Index("runners_seen_idx") { $0.lastSeenAt }
        ])
}
