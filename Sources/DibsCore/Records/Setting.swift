package import Foundation

/// A value that belongs to this installation as a whole.
package struct Setting: Sendable, Hashable {
    /// Which one.
    package var name: String
    /// Its text.
    package var value: String
    /// Moment at which it was made, UTC.
    package var createdAt: Date

    /// Every property, in the order of its columns.
    package init(
        name: String, value: String, createdAt: Date
    ) {
        self.name = name
        self.value = value
        self.createdAt = createdAt
    }
}
