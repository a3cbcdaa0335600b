internal import DibsJSON
package import Foundation

/// The id of a record of one kind; an id of another kind does not compile in its place.
///
/// On the wire it is a lower-case UUID.
package struct Identifier<Record>: Hashable, Sendable {
    /// The value itself.
    package let uuid: UUID

    /// An id read from somewhere; the database makes new ones.
    package init(_ uuid: UUID) { self.uuid = uuid }

    /// The nil UUID, for a property that the wire does not carry.
    package init(zero: Void) { uuid = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) }

    /// Reads the 36 letters of a UUID, in either case; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard let uuid = UUID(digits: text) else { return nil }
        self.uuid = uuid
    }
}

extension Identifier: CustomStringConvertible {
    package var description: String { uuid.uuidString.lowercased() }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        let text = try box.decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorruptedError(in: box, debugDescription: "not a UUID")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        try box.encode(description)
    }
}

extension Identifier: Comparable {
    /// Byte order, which is the order of both databases.
    package static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}
