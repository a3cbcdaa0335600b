package import Foundation

/// A value on its way into a statement; a null knows its type, for PostgreSQL asks for it.
package enum SQLBinding: Sendable, Hashable {
    case null(SQLKind)
    case bool(Bool)
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
    case uuid(UUID)
    /// Microseconds since 1970, UTC.
    case timestamp(microseconds: Int64)
    /// A count of 10⁻⁹.
    case decimal(nanos: Int64)
    /// Canonical JSON text.
    case json(String)
    /// A set of keys.
    case array([SQLBinding], of: SQLKind)
}

extension SQLBinding {
    /// The value itself.
    package var kind: SQLKind {
        switch self {
        case .null(let kind), .array(_, let kind): kind
        case .bool: .bool
        case .integer: .integer
        case .real: .real
        case .text: .text
        case .blob: .blob
        case .uuid: .uuid
        case .timestamp: .timestamp
        case .decimal: .decimal
        case .json: .json
        }
    }

    /// The form in which it is written in a default or in an index's predicate; never for input.
    package func literal(on dialect: Dialect) -> String {
        switch self {
        case .null: "NULL"
        case .bool(let value): dialect == .sqlite ? (value ? "1" : "0") : "\(value)"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let value), .json(let value): value.quoted("'")
        case .decimal(let nanos): dialect == .sqlite ? "\(nanos)" : Self.decimalText(nanos)
        case .timestamp(let micros):
            dialect == .sqlite ? "\(micros)" : "to_timestamp(\(micros) / 1e6)"
        case .uuid(let value):
            dialect == .sqlite
                ? "x'\(value.uuidString.replacing("-", with: ""))'" : "'\(value)'"
        case .blob, .array: preconditionFailure("no default and no index predicate needs one")
        }
    }

    private static func decimalText(_ nanos: Int64) -> String {
        let (whole, part) = nanos.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let places = part == 0 ? "" : "." + "\(1_000_000_000 + part)".dropFirst()
        return (nanos < 0 ? "-" : "") + "\(whole)" + places
    }
}

extension String {
    /// In quotation marks, those inside doubled.
    func quoted(_ mark: Character) -> String {
        "\(mark)" + replacing(String(mark), with: "\(mark)\(mark)") + "\(mark)"
    }
}
