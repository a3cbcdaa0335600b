package import Foundation

/// One line of the ledger: append-only, idempotent by worker and sequence.
package struct CostEntry: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<CostEntry>
    /// The worker that spent it; the ledger outlives its worker.
    package var workerID: Identifier<Worker>
    /// The account that pays.
    package var accountID: Identifier<Account>
    /// The local date it counts on, `2026-11-24`.
    package var day: String
    /// Its number among the entries of its worker, from 1.
    package var sequence: Int
    /// US dollars; negative only in a correction.
    package var amount: USD
    /// Tokens read for it.
    package var inputTokens: Int
    /// Tokens written for it.
    package var outputTokens: Int
    /// The model it was spent on.
    package var model: String?
    /// Source of the amount.
    package var provenance: Provenance
    /// The entry it corrects, in a correction.
    package var corrects: Identifier<CostEntry>?
    /// Moment of the spending, UTC.
    package var occurredAt: Date
    /// Moment of the record, UTC.
    package var createdAt: Date
    /// Moment at which it was put aside, because it is out of all proportion: a person decides, and
    /// until then it is no line of the ledger and counts nowhere; nil counts.
    package var parkedAt: Date?

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<CostEntry>, workerID: Identifier<Worker>, accountID: Identifier<Account>,
        day: String, sequence: Int, amount: USD, inputTokens: Int, outputTokens: Int,
        model: String?, provenance: Provenance, corrects: Identifier<CostEntry>?,
        occurredAt: Date, createdAt: Date
    ) {
        self.id = id
        self.workerID = workerID
        self.accountID = accountID
        self.day = day
        self.sequence = sequence
        self.amount = amount
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.model = model
        self.provenance = provenance
        self.corrects = corrects
        self.occurredAt = occurredAt
        self.createdAt = createdAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case workerID = "workerId"
        case accountID = "accountId"
        case day, sequence, amount
        case inputTokens, outputTokens, model, provenance, corrects, occurredAt, createdAt, parkedAt
    }
}
