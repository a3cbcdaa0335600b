/// A list of JSON values of one type, as a column holds it.
package struct JSONList<Element: Codable & Sendable & Hashable>: Sendable, Hashable {
    /// The values in order.
    package var elements: [Element]

    /// A list of values.
    package init(_ elements: [Element]) { self.elements = elements }
}

extension JSONList: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Element...) { self.elements = elements }
}

extension JSONList: Codable {
    package init(from decoder: any Decoder) throws { elements = try [Element](from: decoder) }

    package func encode(to encoder: any Encoder) throws { try elements.encode(to: encoder) }
}
