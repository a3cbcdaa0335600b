package import DibsCore
package import DibsData

extension Lease: TableRecord {
    /// One row a live worker; the primary key is one task, one worker.
    package static let table = Table<Lease>(
        "leases",
        Column("task_id", \.taskID, primaryKey: true),
        Column("worker_id", \.workerID, unique: true),
        Column("account_id", \.accountID),
        Column("expires_at", \.expiresAt),
        Column("ends_at", \.endsAt),
        Column("length_seconds", \.lengthSeconds, check: "length_seconds BETWEEN 1 AND 3600"),
        Column("hold", \.hold, default: .value(.zero)),
        Column("counted", \.counted, default: .value(true)),
        Column("answered", \.answered, default: .value(false)),
        Column("sequence", \.sequence, default: .value(0)),
        Column("fingerprint", \.fingerprint),
        make: Lease.init,
        indexes: [
            Index("leases_account_idx") { $0.accountID },
            Index("leases_answered_idx") {
                $0.accountID
            } where: {
                $0.answered == .literal(true)
            },
        ])
}
