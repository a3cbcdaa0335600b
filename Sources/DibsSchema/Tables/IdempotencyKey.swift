package import DibsCore
package import DibsData

extension IdempotencyKey: TableRecord {
    /// One row a POST that was answered.
    package static let table = Table<IdempotencyKey>(
        "idempotency_keys",
        Column("credential", \.credential, primaryKey: true),
        Column("operation", \.operation, primaryKey: true),
        Column("key", \.key, primaryKey: true, check: "length(key) BETWEEN 1 AND 255"),
        Column("fingerprint", \.fingerprint),
        Column("resource", \.resource),
        Column("sealed", \.sealed),
        Column("created_at", \.createdAt, default: .now),
        Column("place", \.place, default: .value(0), check: "place >= 0"),
        make: IdempotencyKey.init,
        indexes: [
            Index("idempotency_keys_age_idx") { $0.createdAt },
            Index("idempotency_keys_place_idx") {
                $0.credential; $0.place
            },
        ])
}
