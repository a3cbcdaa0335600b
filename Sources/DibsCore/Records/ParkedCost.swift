package import Foundation

/// A cost out of all proportion to what its worker may spend: it counts nowhere until a person has
/// accepted it.
package struct ParkedCost: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<ParkedCost>
    /// Who told it.
    package var workerID: Identifier<Worker>
    /// Who would pay.
    package var accountID: Identifier<Account>
    /// Its number among the costs of its worker, which its entry in the ledger will have.
    package var sequence: Int
    /// US dollars, above zero.
    package var amount: USD
    /// The most that would have counted at once.
    package var most: USD
    /// Tokens read for it.
    package var inputTokens: Int
    /// Tokens written for it.
    package var outputTokens: Int
    /// The model it was spent on.
    package var model: String?
    /// How it is known.
    package var provenance: Provenance
    /// When it was spent.
    package var occurredAt: Date
    /// When it was told.
    package var createdAt: Date
    /// Its entry in the ledger, once it was accepted.
    package var entryID: Identifier<CostEntry>?
    /// Who accepted or dropped it.
    package var decidedBy: Identifier<Account>?
    /// When; nil still waits for a person.
    package var decidedAt: Date?

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<ParkedCost>, workerID: Identifier<Worker>, accountID: Identifier<Account>,
        sequence: Int, amount: USD, most: USD, inputTokens: Int, outputTokens: Int,
        model: String?, provenance: Provenance, occurredAt: Date, createdAt: Date,
        entryID: Identifier<CostEntry>?, decidedBy: Identifier<Account>?, decidedAt: Date?
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
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case workerID = "workerId"
        case accountID = "accountId"
        case sequence, amount, most, inputTokens, outputTokens, model, provenance
        case occurredAt, createdAt
        case entryID = "entryId"
        case decidedBy, decidedAt
    }
}
