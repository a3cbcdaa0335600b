package import Foundation

/// A cost out of all proportion to what its worker may spend: it counts nowhere until a person has
/// accepted it.
package struct ParkedCost: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<ParkedCost>
    /// The worker that told it.
    package var workerID: Identifier<Worker>
    /// The account that would pay.
    package var accountID: Identifier<Account>
    /// Number among the costs of the worker, which the entry in the ledger will have.
    package var sequence: Int
    /// US dollars that are decided on, above zero: its own and those of its parts, at most the
    /// largest amount there is.
    package var amount: USD
    /// The most that would have counted at once.
    package var most: USD
    /// Tokens read for it.
    package var inputTokens: Int
    /// Tokens written for it.
    package var outputTokens: Int
    /// The model it was spent on.
    package var model: String?
    /// Source of the amount.
    package var provenance: Provenance
    /// Moment of the spending, UTC.
    package var occurredAt: Date
    /// Moment of the report, UTC.
    package var createdAt: Date
    /// Entry in the ledger; nil until an admin has accepted the cost.
    package var entryID: Identifier<CostEntry>?
    /// The admin who accepted or dropped it; nil while it waits.
    package var decidedBy: Identifier<Account>?
    /// Moment of that decision, UTC; nil while it waits.
    package var decidedAt: Date?
    /// US dollars as they were told, without its parts.
    package var told: USD
    /// Number of later costs that are decided on with this one.
    package var parts: Int
    /// The cost that this one is decided on with; nil for one by itself.
    package var partOf: Identifier<ParkedCost>?

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<ParkedCost>, workerID: Identifier<Worker>, accountID: Identifier<Account>,
        sequence: Int, amount: USD, most: USD, inputTokens: Int, outputTokens: Int,
        model: String?, provenance: Provenance, occurredAt: Date, createdAt: Date,
        entryID: Identifier<CostEntry>?, decidedBy: Identifier<Account>?, decidedAt: Date?,
        told: USD, parts: Int, partOf: Identifier<ParkedCost>?
    ) {
        self.id = id
        self.workerID = workerID
        self.accountID = accountID
        self.sequence = sequence
        self.amount = amount
        self.most = most
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.model = model
        self.provenance = provenance
        self.occurredAt = occurredAt
        self.createdAt = createdAt
        self.entryID = entryID
        self.decidedBy = decidedBy
        self.decidedAt = decidedAt
        self.told = told
        self.parts = parts
        self.partOf = partOf
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case workerID = "workerId"
        case accountID = "accountId"
        case sequence, amount, most, inputTokens, outputTokens, model, provenance
        case occurredAt, createdAt
        case entryID = "entryId"
        case decidedBy, decidedAt, told, parts, partOf
    }
}
