package enum JSON: Sendable, Hashable, Codable, ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral {
    case null, bool(Bool), string(String), array([JSON]), object([String: JSON])
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Dictionary(elements) { $1 }) }
    package init(stringLiteral value: String) { self = .string(value) }
}
package struct JSONList<Element: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    package var elements: [Element]
    package init(_ e: [Element]) { elements = e }
}
