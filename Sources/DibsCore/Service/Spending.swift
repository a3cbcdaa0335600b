package import Foundation

/// A cost as a worker or its runner tells it: the amount itself, not a running total.
package struct NewCost: Sendable, Hashable, Codable {
    /// US dollars, not negative; below zero only in a correction.
    package var amount: USD
    /// Its number among the costs of its worker, told twice it counts once; nil takes the next.
    package var sequence: Int?
    /// Tokens read for it.
    package var inputTokens: Int
    /// Tokens written for it.
    package var outputTokens: Int
    /// The model it was spent on, at most 200 characters.
    package var model: String?
    /// Whether it was only estimated.
    package var isEstimated: Bool
    /// Moment of the spending, UTC, nil is now; taken between the cost before and now.
    package var occurredAt: Date?
    /// The entry it corrects, and whose day; for admins only, at any time.
    package var corrects: Identifier<CostEntry>?

    /// Only what differs from the defaults need be said.
    package init(
        amount: USD, sequence: Int? = nil, inputTokens: Int = 0, outputTokens: Int = 0,
        model: String? = nil, isEstimated: Bool = false, occurredAt: Date? = nil,
        corrects: Identifier<CostEntry>? = nil
    ) {
        self.amount = amount
        self.sequence = sequence
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.model = model
        self.isEstimated = isEstimated
        self.occurredAt = occurredAt
        self.corrects = corrects
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case amount = "amountUsd"
        case sequence, inputTokens, outputTokens, model
        case isEstimated = "estimated"
        case occurredAt, corrects
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        amount = try box.decode(USD.self, forKey: .amount)
        sequence = try box.decodeIfPresent(Int.self, forKey: .sequence)
        inputTokens = try box.decodeIfPresent(Int.self, forKey: .inputTokens) ?? 0
        outputTokens = try box.decodeIfPresent(Int.self, forKey: .outputTokens) ?? 0
        model = try box.decodeIfPresent(String.self, forKey: .model)
        isEstimated = try box.decodeIfPresent(Bool.self, forKey: .isEstimated) ?? false
        occurredAt = try box.decodeIfPresent(Date.self, forKey: .occurredAt)
        corrects = try box.decodeIfPresent(Identifier<CostEntry>.self, forKey: .corrects)
    }
}

/// A person's decision on a parked cost.
package enum CostDecision: String, Sendable, CaseIterable, Codable {
    /// The cost goes to the ledger, on the day it was spent.
    case accept
    /// The cost was not spent, and counts nowhere.
    case drop
}

/// The spending of an account, day by day, and the rest of today.
package struct Spending: Sendable, Hashable, Codable {
    /// Whose.
    package var accountID: Identifier<Account>
    /// The zone its days are in now.
    package var timeZone: String
    /// Today there, `2026-11-24`.
    package var today: String
    /// US dollars a day; nil is no limit.
    package var limit: USD?
    /// Spent today.
    package var spent: USD
    /// Set aside by live workers and not spent yet.
    package var held: USD
    /// Money that may still be set aside today, not below zero; nil is no limit.
    package var remaining: USD?
    /// The amount spent past today's limit.
    package var overdraft: USD
    /// Beginning of the next day, UTC.
    package var resetsAt: Date
    /// The days with spending, newest first.
    package var days: [AccountDay]

    /// Every property.
    package init(
        accountID: Identifier<Account>, timeZone: String, today: String, limit: USD?, spent: USD,
        held: USD, remaining: USD?, overdraft: USD, resetsAt: Date, days: [AccountDay]
    ) {
        self.accountID = accountID
        self.timeZone = timeZone
        self.today = today
        self.limit = limit
        self.spent = spent
        self.held = held
        self.remaining = remaining
        self.overdraft = overdraft
        self.resetsAt = resetsAt
        self.days = days
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case accountID = "accountId"
        case timeZone, today, limit, spent, held, remaining, overdraft, resetsAt, days
    }
}
