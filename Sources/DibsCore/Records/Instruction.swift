package import Foundation

/// A person's word to a worker, given with its next report.
package struct Instruction: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Instruction>
    /// Whom it is for.
    package var workerID: Identifier<Worker>
    /// The account that says it.
    package var accountID: Identifier<Account>
    /// The message.
    package var text: String
    /// Moment at which its worker reported again after an answer that carried it; until then
    /// answers go on to carry it.
    package var deliveredAt: Date?
    /// Moment at which it was said, UTC.
    package var createdAt: Date
    /// Moment at which the answer to a report first carried it; nil is not yet.
    package var toldAt: Date?

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Instruction>, workerID: Identifier<Worker>,
        accountID: Identifier<Account>, text: String, deliveredAt: Date?, createdAt: Date,
        toldAt: Date?
    ) {
        self.id = id
        self.workerID = workerID
        self.accountID = accountID
        self.text = text
        self.deliveredAt = deliveredAt
        self.createdAt = createdAt
        self.toldAt = toldAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case workerID = "workerId"
        case accountID = "accountId"
        case text, deliveredAt, createdAt, toldAt
    }
}
