internal import Foundation

/// The decoder that a type is given to read itself from a `JSON` value.
///
/// Unlike Foundation's decoder it never takes a number through a float, gives free `JSON` as it is,
/// and reads times only as RFC 3339. Errors are `DecodingError` with the path of the field, and
/// `UnknownMember` where it is strict.
package struct JSONValueDecoder: Decoder {
    /// The value to be read.
    let value: JSON
    /// Whether a member that no type asks for is refused, at any depth but within free `JSON`.
    package let isStrict: Bool
    /// The path at which it stands.
    package let codingPath: [any CodingKey]
    /// Nothing: the types here need no context.
    package var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// A decoder of one value.
    package init(_ value: JSON, isStrict: Bool = false) {
        (self.value, self.isStrict, codingPath) = (value, isStrict, [])
    }

    private init(_ value: JSON, of parent: JSONValueDecoder, at key: any CodingKey) {
        (self.value, isStrict) = (value, parent.isStrict)
        codingPath = parent.codingPath + [key]
    }

    /// A decoder of a value within this one, as strict as this one.
    fileprivate func within(_ value: JSON, at key: any CodingKey) -> JSONValueDecoder {
        JSONValueDecoder(value, of: self, at: key)
    }

    /// A container by name; throws when the value is no object, and `UnknownMember`.
    package func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch([String: JSON].self) }
        if isStrict, let name = members.keys.filter({ Key(stringValue: $0) == nil }).min() {
            throw UnknownMember(name: name, codingPath: codingPath, known: names(type))
        }
        return KeyedDecodingContainer(JSONObjectReader<Key>(decoder: self, members: members))
    }

    private func names(_ type: any CodingKey.Type) -> [String] {
        func all<Keys: CaseIterable>(_ keys: Keys.Type) -> [String] {
            keys.allCases.compactMap { ($0 as? any CodingKey)?.stringValue }
        }
        return (type as? any CaseIterable.Type).map { all($0) } ?? []
    }

    /// A container by place; throws when the value is no array.
    package func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch([JSON].self) }
        return JSONArrayReader(decoder: self, elements: elements)
    }

    /// The value by itself.
    package func singleValueContainer() throws -> any SingleValueDecodingContainer {
        JSONOneReader(decoder: self)
    }

    /// Reads the whole value as a type.
    package func decode<T: Decodable>(_ type: T.Type) throws -> T {
        switch type {
        case is JSON.Type: return try cast(value)
        case is JSONNumber.Type: return try cast(number(type))
        case is Date.Type: return try cast(date())
        case is UUID.Type:
            guard let uuid = UUID(digits: try string()) else { throw mismatch(type) }
            return try cast(uuid)
        default: return try T(from: self)
        }
    }

    private func cast<T>(_ found: some Any) throws -> T {
        guard let found = found as? T else { throw mismatch(T.self) }
        return found
    }

    func mismatch(_ type: any Any.Type) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: codingPath, debugDescription: "The value has another type.")
        return value == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    func string() throws -> String {
        guard case .string(let text) = value else { throw mismatch(String.self) }
        return text
    }

    func bool() throws -> Bool {
        guard case .bool(let bool) = value else { throw mismatch(Bool.self) }
        return bool
    }

    func number(_ type: any Any.Type) throws -> JSONNumber {
        guard case .number(let number) = value else { throw mismatch(type) }
        return number
    }

    func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard let integer = T(try number(type).text) else { throw mismatch(type) }
        return integer
    }

    private func date() throws -> Date {
        guard let date = Date(rfc3339: try string()) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath,
                    debugDescription: "not a time such as 2026-11-24T09:30:00.000Z"))
        }
        return date
    }
}

/// A member of an object that the type to be read has no place for.
package struct UnknownMember: Error {
    /// Name of the member.
    package let name: String
    /// The place of its object.
    package let codingPath: [any CodingKey]
    /// The names that the object may have, in their order; empty where they cannot be listed.
    package let known: [String]
}

/// A type of which null says something else than a field that is missing.
package protocol ReadsNull: Decodable {}

private struct JSONOneReader: SingleValueDecodingContainer {
    let decoder: JSONValueDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.value == .null }
    func decode(_ type: Bool.Type) throws -> Bool { try decoder.bool() }
    func decode(_ type: String.Type) throws -> String { try decoder.string() }
    func decode(_ type: Double.Type) throws -> Double { try decoder.number(type).double }
    func decode(_ type: Float.Type) throws -> Float { Float(try decoder.number(type).double) }
    func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
}

private struct JSONObjectReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: JSONValueDecoder
    let members: [String: JSON]

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { members.keys.sorted().compactMap { Key(stringValue: $0) } }
    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    private func member(_ key: any CodingKey) throws -> JSONValueDecoder {
        guard let value = members[key.stringValue] else {
            throw DecodingError.keyNotFound(
                key, .init(codingPath: codingPath, debugDescription: "The field is missing."))
        }
        return decoder.within(value, at: key)
    }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).value == .null }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try member(key).decode(type)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let value = members[key.stringValue] else { return nil }
        return value == .null && !(type is any ReadsNull.Type) ? nil : try decode(type, forKey: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try member(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try member(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

private struct JSONArrayReader: UnkeyedDecodingContainer {
    let decoder: JSONValueDecoder
    let elements: [JSON]
    var currentIndex = 0

    init(decoder: JSONValueDecoder, elements: [JSON]) {
        (self.decoder, self.elements) = (decoder, elements)
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    private struct Place: CodingKey {
        let index: Int
        var stringValue: String { String(index) }
        var intValue: Int? { index }
        init(index: Int) { self.index = index }
        init?(stringValue: String) { nil }
        init?(intValue: Int) { index = intValue }
    }

    private func element() throws -> JSONValueDecoder {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                JSON.self, .init(codingPath: codingPath, debugDescription: "The list is too short.")
            )
        }
        return decoder.within(elements[currentIndex], at: Place(index: currentIndex))
    }

    mutating func decodeNil() throws -> Bool {
        guard try element().value == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try element().decode(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        defer { currentIndex += 1 }
        return try element().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        defer { currentIndex += 1 }
        return try element().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        defer { currentIndex += 1 }
        return try element()
    }
}
