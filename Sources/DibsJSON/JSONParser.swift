/// What is wrong with a JSON text, and where.
package struct JSONError: Error, Sendable, Hashable {
    /// Why it was refused, as a sentence.
    package let message: String
    /// How many bytes were read before it.
    package let offset: Int
}

extension JSON {
    /// Values may be nested this deep.
    package static let maximumDepth = 64

    /// Reads one JSON value (RFC 8259) and nothing after it.
    ///
    /// Refused, though the grammar allows some of it: a name twice in one object, NUL, half a
    /// surrogate pair, nesting past 64, a number no double can hold. Throws `JSONError`.
    package static func parse(_ bytes: some Sequence<UInt8>) throws -> JSON {
        var parser = JSONParser(bytes: Array(bytes))
        return try parser.document()
    }

    /// Reads one JSON value from text.
    package static func parse(_ text: String) throws -> JSON { try parse(text.utf8) }
}

private struct JSONParser {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("Something follows the JSON value.") }
        return value
    }

    private func error(_ message: String) -> JSONError {
        JSONError(message: message, offset: position)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func value(depth: Int) throws -> JSON {
        guard depth <= JSON.maximumDepth else { throw error("The JSON is nested too deep.") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte):
            return try number()
        case nil: throw error("The JSON ends too early.")
        default: throw error("A JSON value was expected.")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws -> JSON {
        let length = word.utf8CodeUnitCount
        let isThere = word.withUTF8Buffer { bytes[position...].prefix(length).elementsEqual($0) }
        guard isThere else { throw error("A JSON value was expected.") }
        position += length
        return value
    }

    private mutating func number() throws -> JSON {
        let start = position
        let run = bytes[start...].prefix { "+-.0123456789Ee".utf8.contains($0) }
        guard let number = JSONNumber(String(decoding: run, as: UTF8.self)) else {
            throw error("That is no JSON number, or no double can hold it.")
        }
        position += run.count
        return .number(number)
    }

    private mutating func array(depth: Int) throws -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try isEnd(UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    private mutating func object(depth: Int) throws -> JSON {
        position += 1
        var members: [String: JSON] = [:]
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
            return .object([:])
        }
        while true {
            skipSpace()
            let start = position
            guard next == UInt8(ascii: "\"") else { throw error("A name in quotes was expected.") }
            let name = try string()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw error("A colon was expected.") }
            position += 1
            let value = try value(depth: depth + 1)
            guard members.updateValue(value, forKey: name) == nil else {
                throw JSONError(message: "A name stands twice in one object.", offset: start)
            }
            if try isEnd(UInt8(ascii: "}")) { return .object(members) }
        }
    }

    /// After an element: a comma goes on, the closing mark ends.
    private mutating func isEnd(_ mark: UInt8) throws -> Bool {
        skipSpace()
        guard let byte = next, byte == mark || byte == UInt8(ascii: ",") else {
            throw error("A comma or the end of the list was expected.")
        }
        position += 1
        return byte == mark
    }
}

extension JSONParser {
    private mutating func string() throws -> String {
        let open = position
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw JSONError(message: "A text is not UTF-8.", offset: open)
                }
                return valid
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw error("A control character in a text must be escaped.")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw error("A text has no end.")
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        position += 1
        let plain: [UInt8: UInt8] = [
            UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
            UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 0x08,
            UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
            UInt8(ascii: "t"): 0x09,
        ]
        guard let mark = next else { throw error("A text has no end.") }
        if let byte = plain[mark] {
            text.append(byte)
            position += 1
        } else if mark == UInt8(ascii: "u") {
            position += 1
            text.append(contentsOf: String(try scalar()).utf8)
        } else {
            throw error("There is no such escape.")
        }
    }

    /// The character of one `\u`, or of two that are a pair.
    private mutating func scalar() throws -> Character {
        let high = try unit()
        var code = UInt32(high)
        if (0xD800...0xDBFF).contains(high) {
            let isPair = bytes[position...].prefix(2).elementsEqual([0x5C, 0x75])
            guard isPair else { throw error("Half a surrogate pair is no character.") }
            position += 2
            let low = try unit()
            guard (0xDC00...0xDFFF).contains(low) else {
                throw error("Half a surrogate pair is no character.")
            }
            code = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        }
        guard code != 0 else { throw error("NUL cannot be stored.") }
        guard let scalar = Unicode.Scalar(code) else {
            throw error("Half a surrogate pair is no character.")
        }
        return Character(scalar)
    }

    private mutating func unit() throws -> UInt16 {
        let digits = bytes[position...].prefix(4)
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == 4, let unit = UInt16(text, radix: 16), !text.hasPrefix("+") else {
            throw error("Four hexadecimal digits were expected.")
        }
        position += 4
        return unit
    }
}
