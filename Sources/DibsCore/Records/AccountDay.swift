/// The spending of an account on one day of its own time zone.
package struct AccountDay: Sendable, Hashable, Codable {
    /// Whose day.
    package var accountID: Identifier<Account>
    /// The local date, `2026-11-24`.
    package var day: String
    /// The sum of that day's ledger.
    package var spent: USD

    /// Every property, in the order of its columns.
    package init(
        accountID: Identifier<Account>, day: String, spent: USD
    ) {
        self.accountID = accountID
        self.day = day
        self.spent = spent
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case accountID = "accountId"
        case day, spent
    }
}
