package import DibsCore
package import DibsData

extension AccountDay: TableRecord {
    /// One row an account and local day: the sum of its ledger.
    package static let table = Table<AccountDay>(
        "account_days",
        Column("account_id", \.accountID, primaryKey: true),
        Column("day", \.day, primaryKey: true, check: "length(day) = 10"),
        Column("spent", \.spent, default: .value(.zero)),
        make: AccountDay.init)
}
