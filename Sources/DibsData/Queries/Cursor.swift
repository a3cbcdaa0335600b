internal import DibsJSON
internal import Foundation

/// The text in which the places of a row in an order are written in a cursor, and read again.
///
/// A cursor comes from outside: only values that its column can hold are read, the same ones on
/// both engines.
package enum Cursor {
    /// The most bytes of a cursor: names of 200 characters fit.
    package static let limit = 2000

    /// Decimals below this, as the columns' CHECK has it.
    private static let decimals: ClosedRange<Int64> =
        -8_999_999_999_999_999_999...8_999_999_999_999_999_999

    /// RFC 4648 section 5, without padding.
    package static func text(of bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The bytes that were written; nil for anything else.
    package static func bytes(of cursor: String) -> [UInt8]? {
        let plain = cursor.replacing("-", with: "+").replacing("_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: padded).map { Array($0) }
    }

    /// A value that `binding` reads again.
    package static func text(_ value: SQLBinding) -> String {
        switch value {
        case .bool(let value): "\(value)"
        case .integer(let value), .timestamp(let value), .decimal(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let value), .json(let value): value
        case .uuid(let value): value.uuidString
        case .null, .blob, .array: preconditionFailure("no page is ordered by it")
        }
    }

    /// The value that a column of a kind has in a cursor; nil for one that no row can have.
    package static func binding(_ text: String, _ kind: SQLKind) -> SQLBinding? {
        switch kind {
        case .bool: Bool(text).map { .bool($0) }
        case .integer: Int64(text).map { .integer($0) }
        case .timestamp: timestamp(text)
        case .decimal: Int64(text).flatMap { decimals.contains($0) ? .decimal(nanos: $0) : nil }
        case .real: Double(text).flatMap { $0.isFinite ? .real($0) : nil }
        case .text: text.utf8.contains(0) ? nil : .text(text)
        case .uuid: UUID(digits: text).map { .uuid($0) }
        case .json, .blob: nil
        }
    }

    private static func timestamp(_ text: String) -> SQLBinding? {
        guard let microseconds = Int64(text),
            Date.millisecondRange.contains(microseconds / 1000)
        else { return nil }
        return .timestamp(microseconds: microseconds)
    }
}
