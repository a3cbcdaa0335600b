/// Which part of a list is wanted.
package struct PageRequest: Sendable, Hashable {
    /// Number of items, 1…200.
    package var limit: Int
    /// The end of the last page; nil is the start.
    package var cursor: String?

    /// The largest page.
    package static let maximum = 200

    /// The first page, or the one after a cursor; throws `invalid_field` past 1…200.
    package init(limit: Int = 50, cursor: String? = nil) throws {
        guard (1...Self.maximum).contains(limit) else {
            throw DibsError(
                .invalidField, "A page has 1 to 200 items.", details: ["limit": "\(limit)"],
                hint: "Ask for at most 200, and follow nextCursor for more.")
        }
        (self.limit, self.cursor) = (limit, cursor)
    }

    /// Fifty from the start.
    package static var first: PageRequest { PageRequest() }

    private init() { (limit, cursor) = (50, nil) }
}

/// A part of a list, and where the next one starts.
package struct Page<Item: Sendable>: Sendable {
    /// The items in order.
    package var items: [Item]
    /// The start of the next page; nil at the end.
    package var nextCursor: String?

    /// A part of a list.
    package init(items: [Item], nextCursor: String? = nil) {
        (self.items, self.nextCursor) = (items, nextCursor)
    }
}

extension Page: Encodable where Item: Encodable {}
extension Page: Decodable where Item: Decodable {}
extension Page: Equatable where Item: Equatable {}
