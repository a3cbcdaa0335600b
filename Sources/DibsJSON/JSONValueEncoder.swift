internal import Foundation

/// Turns a type that encodes itself into a `JSON` value: times as RFC 3339, free `JSON` as it is.
struct JSONValueEncoder: Encoder {
    let place: Place
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// A value under construction; containers of one encoder share it.
    final class Place {
        var value: JSON?
        var members: [String: Place]?
        var elements: [Place]?

        var json: JSON {
            if let members { return .object(members.mapValues(\.json)) }
            if let elements { return .array(elements.map(\.json)) }
            return value ?? .object([:])
        }
    }

    static func encode(_ value: some Encodable) throws -> JSON {
        let place = Place()
        try JSONValueEncoder(place: place, codingPath: []).write(value)
        return place.json
    }

    func write(_ value: some Encodable) throws {
        switch value {
        case let json as JSON: place.value = json
        case let number as JSONNumber: place.value = .number(number)
        case let date as Date: place.value = .string(date.rfc3339)
        case let uuid as UUID: place.value = .string(uuid.uuidString.lowercased())
        default: try value.encode(to: self)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if place.members == nil { place.members = [:] }
        return KeyedEncodingContainer(JSONObjectWriter(place: place, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if place.elements == nil { place.elements = [] }
        return JSONArrayWriter(place: place, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONOneWriter(encoder: self)
    }
}

private struct JSONOneWriter: SingleValueEncodingContainer {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    mutating func encodeNil() throws { encoder.place.value = .null }
    mutating func encode(_ value: Bool) throws { encoder.place.value = .bool(value) }
    mutating func encode(_ value: String) throws { encoder.place.value = .string(value) }
    mutating func encode(_ value: Float) throws { try encode(Double(value)) }
    mutating func encode(_ value: Int) throws { encoder.place.value = .number(JSONNumber(value)) }
    mutating func encode(_ value: Int8) throws { try encode(Int(value)) }
    mutating func encode(_ value: Int16) throws { try encode(Int(value)) }
    mutating func encode(_ value: Int32) throws { try encode(Int(value)) }
    mutating func encode(_ value: Int64) throws { try encode(Int(value)) }
    mutating func encode(_ value: UInt) throws { try digits("\(value)", of: value) }
    mutating func encode(_ value: UInt8) throws { try encode(Int(value)) }
    mutating func encode(_ value: UInt16) throws { try encode(Int(value)) }
    mutating func encode(_ value: UInt32) throws { try encode(Int(value)) }
    mutating func encode(_ value: UInt64) throws { try digits("\(value)", of: value) }
    mutating func encode(_ value: Double) throws { try digits("\(value)", of: value) }
    mutating func encode<T: Encodable>(_ value: T) throws { try encoder.write(value) }

    private func digits(_ text: String, of value: Any) throws {
        guard let number = JSONNumber(text) else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: codingPath, debugDescription: "JSON has no such number."))
        }
        encoder.place.value = .number(number)
    }
}

private struct JSONObjectWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let place: JSONValueEncoder.Place
    let codingPath: [any CodingKey]

    private func member(_ key: any CodingKey) -> JSONValueEncoder {
        let member = JSONValueEncoder.Place()
        place.members?[key.stringValue] = member
        return JSONValueEncoder(place: member, codingPath: codingPath + [key])
    }

    mutating func encodeNil(forKey key: Key) throws { member(key).place.value = .null }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try member(key).write(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { member(key).container(keyedBy: type) }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        member(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        JSONValueEncoder(place: place, codingPath: codingPath)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder { member(key) }
}

private struct JSONArrayWriter: UnkeyedEncodingContainer {
    let place: JSONValueEncoder.Place
    let codingPath: [any CodingKey]

    var count: Int { place.elements?.count ?? 0 }

    private func element() -> JSONValueEncoder {
        let element = JSONValueEncoder.Place()
        place.elements?.append(element)
        return JSONValueEncoder(place: element, codingPath: codingPath)
    }

    mutating func encodeNil() throws { element().place.value = .null }
    mutating func encode<T: Encodable>(_ value: T) throws { try element().write(value) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> { element().container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        element().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { element() }
}
