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
        make: IdempotencyKey.init,
        indexes: [
            Index("idempotency_keys_age_idx") { $0.createdAt }
        ])
}
