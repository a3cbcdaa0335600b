internal import DibsJSON

/// A change of a limit: another value, or none at all.
///
/// On the wire it is the value or null, and a field that is missing changes nothing (RFC 7396).
package enum Limit<Value: Sendable & Hashable & Codable>: Sendable, Hashable {
    /// From now on that much.
    case at(Value)
    /// No limit any more.
    case unlimited

    /// The limit as it is kept; nil is none.
    package var value: Value? {
        switch self {
        case .at(let value): value
        case .unlimited: nil
        }
    }
}

extension Limit: Codable, ReadsNull {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = container.decodeNil() ? .unlimited : .at(try container.decode(Value.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .at(let value): try container.encode(value)
        case .unlimited: try container.encodeNil()
        }
    }
}

extension Limit: ExpressibleByIntegerLiteral where Value == Int {
    package init(integerLiteral value: Int) { self = .at(value) }
}
