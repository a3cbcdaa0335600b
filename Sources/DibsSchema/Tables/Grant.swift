package import DibsCore
package import DibsData

extension Grant: TableRecord {
    /// Links of accounts and workspaces; both directions are indexed.
    package static let table = Table<Grant>(
        "account_workspaces",
        Column("account_id", \.accountID, primaryKey: true, onDelete: "CASCADE"),
        Column("workspace_id", \.workspaceID, primaryKey: true, onDelete: "CASCADE"),
        Column("can_claim", \.canClaim, default: .value(true)),
        Column("can_create", \.canCreate, default: .value(false)),
        Column("can_review", \.canReview, default: .value(false)),
        Column("created_at", \.createdAt, default: .now),
        make: Grant.init,
        indexes: [
            Index("account_workspaces_workspace_idx") {
                $0.workspaceID; $0.accountID
            }
        ])
}
