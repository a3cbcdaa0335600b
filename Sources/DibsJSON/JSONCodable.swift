internal import Foundation

extension JSONNumber: Codable {
    /// From another decoder than ours its digits come by way of a decimal of 38 digits.
    package init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        if let own = decoder as? JSONValueDecoder {
            self = try own.number(JSONNumber.self)
            return
        }
        guard let number = JSONNumber("\(try box.decode(Decimal.self))") else {
            throw DecodingError.dataCorruptedError(in: box, debugDescription: "not a number")
        }
        self = number
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        if encoder is JSONValueEncoder {
            try box.encode(self)
        } else {
            try box.encode(Decimal(string: text) ?? Decimal(double))
        }
    }
}

extension JSON: Codable {
    package init(from decoder: any Decoder) throws {
        if let own = decoder as? JSONValueDecoder {
            self = own.value
        } else if let object = try? [String: JSON](from: decoder) {
            self = .object(object)
        } else if let array = try? [JSON](from: decoder) {
            self = .array(array)
        } else {
            self = try Self.scalar(decoder.singleValueContainer())
        }
    }

    private static func scalar(_ box: any SingleValueDecodingContainer) throws -> JSON {
        if box.decodeNil() { return .null }
        if let bool = try? box.decode(Bool.self) { return .bool(bool) }
        if let string = try? box.decode(String.self) { return .string(string) }
        return .number(try box.decode(JSONNumber.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        switch self {
        case .null: try box.encodeNil()
        case .bool(let value): try box.encode(value)
        case .number(let value): try box.encode(value)
        case .string(let value): try box.encode(value)
        case .array(let value): try box.encode(value)
        case .object(let value): try box.encode(value)
        }
    }
}

extension Encodable {
    /// This value as `JSON`; throws what its own encoding throws, or for a number no JSON has.
    package var asJSON: JSON {
        get throws { try JSONValueEncoder.encode(self) }
    }
}
