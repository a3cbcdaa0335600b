/// The fault of a JSON text, and its place.
package struct JSONError: Error, Sendable, Hashable {
    /// The reason why it was refused, as a sentence.
    package let message: String
    /// Number of bytes read before it.
    package let offset: Int
}

extension JSON {
    /// Reads one JSON value (RFC 8259) and nothing after it, in time and memory linear in bytes.
    ///
    /// Refused, though the grammar allows some of it: a name twice in one object, NUL, half a
    /// surrogate pair, a number that `JSONNumber` does not take, and what is past the limits.
    /// Throws `JSONError`.
    package static func parse(
        _ bytes: some Sequence<UInt8>, within limits: JSONLimits = .outside
    ) throws -> JSON {
        var parser = JSONParser(bytes: Array(bytes), limits: limits)
        return try parser.document()
    }

    /// Reads one JSON value from text from outside.
    package static func parse(_ text: String) throws -> JSON { try parse(text.utf8) }
}

private struct JSONParser {
    let bytes: [UInt8]
    let limits: JSONLimits
    private var position = 0
    /// Values begun so far.
    private var values = 0
    /// Bytes that numbers take more in canonical text.
    private var growth = 0

    init(bytes: [UInt8], limits: JSONLimits) { (self.bytes, self.limits) = (bytes, limits) }

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

    /// `depth` arrays and objects are around it.
    private mutating func value(depth: Int) throws -> JSON {
        values += 1
        guard values <= limits.values else { throw error("The JSON has too many values.") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || byte.decimalDigit != nil:
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
        let run = bytes[position...].prefix(while: Self.isOfNumber)
        guard let number = JSONNumber(ascii: run) else {
            throw error("That is no JSON number, or no double can hold it, or it is too long.")
        }
        growth += max(0, number.textLength - run.count)
        guard growth <= limits.growth else {
            throw error("The numbers are too long without their exponents.")
        }
        position += run.count
        return .number(number)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Past the opening mark of an array or object.
    private mutating func open(depth: Int) throws {
        guard depth <= limits.depth else { throw error("The JSON is nested too deep.") }
        position += 1
        skipSpace()
    }

    private mutating func array(depth: Int) throws -> JSON {
        try open(depth: depth)
        var elements: [JSON] = []
        if next == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            elements.append(try value(depth: depth))
            if try isEnd(UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    private mutating func object(depth: Int) throws -> JSON {
        try open(depth: depth)
        var members: [String: JSON] = [:]
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
            let value = try value(depth: depth)
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
        // What escapes have been read so far, and where the run of plain bytes after them begins.
        var (text, plain) = ([] as [UInt8], position)
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                text += bytes[plain..<position]
                position += 1
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw JSONError(message: "A text is not UTF-8.", offset: open)
                }
                guard !limits.isStreamSafe || valid.isStreamSafe else {
                    throw JSONError(
                        message: "A text has more than 30 combining marks in a row.", offset: open)
                }
                return valid
            case UInt8(ascii: "\\"):
                text += bytes[plain..<position]
                try escape(into: &text)
                plain = position
            case 0..<0x20: throw error("A control character in a text must be escaped.")
            default: position += 1
            }
        }
        throw error("A text has no end.")
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        position += 1
        guard let mark = next else { throw error("A text has no end.") }
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(mark)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            text += UTF8.encode(try scalar()) ?? UTF8.encodedReplacementCharacter
            return
        default: throw error("There is no such escape.")
        }
        position += 1
    }

    /// The character of one `\u`, or of two that are a pair.
    private mutating func scalar() throws -> Unicode.Scalar {
        let high = try unit()
        var code = high
        if (0xD800...0xDBFF).contains(high) {
            let isPair = bytes[position...].prefix(2).elementsEqual([0x5C, 0x75])
            guard isPair else { throw error("Half a surrogate pair is no character.") }
            position += 2
            let low = try unit()
            guard (0xDC00...0xDFFF).contains(low) else {
                throw error("Half a surrogate pair is no character.")
            }
            code = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
        }
        guard code != 0 else { throw error("NUL cannot be stored.") }
        guard let scalar = Unicode.Scalar(code) else {
            throw error("Half a surrogate pair is no character.")
        }
        return scalar
    }

    private mutating func unit() throws -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next?.hexadecimalDigit else {
                throw error("Four hexadecimal digits were expected.")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
