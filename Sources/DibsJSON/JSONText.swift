extension JSON {
    /// The one text of this value: no spaces, names sorted by their code points, and only those
    /// characters escaped that must be (RFC 8785 in spirit, but numbers keep all their digits).
    package var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    /// The canonical text in UTF-8.
    package var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(canonicalLength)
        write(to: &bytes)
        return bytes
    }

    /// The bytes of the canonical text, counted without writing it: bounds are asked of this.
    package var canonicalLength: Int {
        switch self {
        case .null: 4
        case .bool(let value): value ? 4 : 5
        case .number(let number): number.textLength
        case .string(let string): Self.length(of: string)
        case .array(let elements):
            elements.reduce(2 + max(0, elements.count - 1)) { $0 + $1.canonicalLength }
        case .object(let members):
            members.reduce(2 + max(0, members.count - 1)) {
                $0 + Self.length(of: $1.key) + 1 + $1.value.canonicalLength
            }
        }
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let number): bytes += number.text.utf8
        case .string(let string): Self.write(string, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            let sorted = members.sorted { Self.precedes($0.key, $1.key) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// UTF-8 order, which is the order of code points.
    private static func precedes(_ a: String, _ b: String) -> Bool {
        let isBefore = a.utf8.withContiguousStorageIfAvailable { left in
            b.utf8.withContiguousStorageIfAvailable { left.lexicographicallyPrecedes($0) }
        }
        return isBefore.flatMap { $0 } ?? a.utf8.lexicographicallyPrecedes(b.utf8)
    }

    private static func write(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            if let letter = escapeLetter(of: byte) {
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(letter)
            } else if byte < 0x20 {
                let digits = String(byte, radix: 16).utf8
                bytes += (digits.count == 1 ? "\\u000" : "\\u00").utf8
                bytes += digits
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func length(of string: String) -> Int {
        string.utf8.reduce(2) { length, byte in
            length + (escapeLetter(of: byte) != nil ? 2 : byte < 0x20 ? 6 : 1)
        }
    }

    /// The letter after the backslash for a byte that has a short escape and needs it.
    private static func escapeLetter(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case 0x0A: UInt8(ascii: "n")
        case 0x0D: UInt8(ascii: "r")
        case 0x09: UInt8(ascii: "t")
        case 0x08: UInt8(ascii: "b")
        case 0x0C: UInt8(ascii: "f")
        default: nil
        }
    }
}

extension JSON: CustomStringConvertible {
    package var description: String { canonicalText }
}
