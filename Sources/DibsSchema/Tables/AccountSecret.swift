package import DibsCore
package import DibsData

extension AccountSecret: TableRecord {
    /// Apart from accounts, so that no join brings a secret along.
    package static let table = Table<AccountSecret>(
        "account_secrets",
        Column("account_id", \.accountID, primaryKey: true, onDelete: "CASCADE"),
        Column("kind", \.kind, primaryKey: true),
        Column("sealed", \.sealed),
        Column("created_at", \.createdAt, default: .now),
        Column("updated_at", \.updatedAt, default: .now),
        make: AccountSecret.init)
}
