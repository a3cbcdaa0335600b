package import DibsCore
package import DibsData

extension ParkedCost: Entity {
    /// One row a cost that a person decides on; it is kept also after that.
    package static let table = Table<ParkedCost>(
        "parked_costs",
        Column("id", \.id, default: .random),
        Column("worker_id", \.workerID),
        Column("account_id", \.accountID),
        Column("sequence", \.sequence, check: "sequence >= 1"),
        Column("amount", \.amount),
        Column("most", \.most),
        Column("input_tokens", \.inputTokens, default: .value(0), check: "input_tokens >= 0"),
        Column("output_tokens", \.outputTokens, default: .value(0), check: "output_tokens >= 0"),
        Column("model", \.model),
        Column("provenance", \.provenance, default: .value(.reported)),
        Column("occurred_at", \.occurredAt),
        Column("created_at", \.createdAt, default: .now),
        Column("entry_id", \.entryID),
        Column("decided_by", \.decidedBy),
        Column("decided_at", \.decidedAt),
        Column("told", \.told, default: .value(.zero)),
        Column("parts", \.parts, default: .value(0), check: "parts >= 0"),
        Column("part_of", \.partOf),
        make: ParkedCost.init,
        indexes: [
            Index("parked_costs_worker_idx", unique: true) {
                $0.workerID; $0.sequence
            },
            Index("parked_costs_open_idx") {
                $0.createdAt; $0.id
            } where: {
                $0.decidedAt == nil
                $0.partOf == nil
            },
            Index("parked_costs_alone_idx") {
                $0.workerID
            } where: {
                $0.partOf == nil
            },
        ])

    /// The worker that told it.
    package static let worker = one(\.workerID)
}
