package import Foundation

/// A subscription that accounts share, and how many sessions it allows at once.
package struct Seat: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Seat>
    /// The name of the subscription; accounts name it to share it.
    package var name: String
    /// Sessions at once, at least 1.
    package var maxSessions: Int
    /// Sessions now, over all accounts that share it.
    package var active: Int
    /// Moment at which it was made, UTC.
    package var createdAt: Date

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Seat>, name: String, maxSessions: Int, active: Int, createdAt: Date
    ) {
        self.id = id
        self.name = name
        self.maxSessions = maxSessions
        self.active = active
        self.createdAt = createdAt
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, maxSessions, active, createdAt
    }
}
