package import DibsCore
package import DibsData

extension CostEntry: Entity {
    /// The ledger: rows are added and never changed, and no key cascades to them.
    package static let table = Table<CostEntry>(
        "cost_entries",
        Column("id", \.id, default: .random),
        Column("worker_id", \.workerID),
        Column("account_id", \.accountID),
        Column("day", \.day, check: "length(day) = 10"),
        Column("sequence", \.sequence, check: "sequence >= 1"),
        Column("amount", \.amount),
        Column("input_tokens", \.inputTokens, default: .value(0), check: "input_tokens >= 0"),
        Column("output_tokens", \.outputTokens, default: .value(0), check: "output_tokens >= 0"),
        Column("model", \.model),
        Column("provenance", \.provenance, default: .value(.reported)),
        Column("corrects", \.corrects),
        Column("occurred_at", \.occurredAt),
        Column("created_at", \.createdAt, default: .now),
        make: CostEntry.init,
        indexes: [
            Index("cost_entries_worker_idx", unique: true) {
                $0.workerID; $0.sequence
            },
            Index("cost_entries_day_idx") {
                $0.accountID; $0.day
            },
            Index("cost_entries_corrections_idx") {
                $0.workerID
            } where: {
                $0.corrects != nil
            },
        ])
}
