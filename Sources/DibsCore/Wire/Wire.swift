package import DibsJSON

/// The JSON of every door: bytes to values, values to bytes.
package enum Wire {
    /// Canonical JSON text: names sorted, times in RFC 3339, amounts as strings.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        try value.asJSON.canonicalBytes
    }

    /// Reads what a server answered; fields that are not known are passed over.
    package static func decode<T: Decodable>(_ type: T.Type, from json: JSON) throws -> T {
        try decode(type, by: JSONValueDecoder(json))
    }

    private static func decode<T: Decodable>(
        _ type: T.Type, by decoder: JSONValueDecoder
    ) throws -> T {
        do {
            return try decoder.decode(T.self)
        } catch let unknown as UnknownMember {
            throw DibsError(unknown)
        } catch let error as DecodingError {
            throw DibsError(error)
        }
    }

    /// Reads what a caller sent, and refuses what it cannot mean.
    ///
    /// Throws `malformed_json`, `unknown_field`, `missing_field`, `invalid_field`, `invalid_id` or
    /// `invalid_amount`, with the field's path in the details.
    package static func decode<T: WireBody>(
        body type: T.Type, from bytes: some Sequence<UInt8>
    ) throws -> T {
        let json = try parse(bytes)
        guard case .object = json else {
            throw DibsError(
                .malformedJSON, "The body must be a JSON object.",
                hint: "Send {…} with content-type: application/json.")
        }
        return try decode(T.self, by: JSONValueDecoder(json, isStrict: true))
    }

    /// Reads the body of a request that needs none: nothing, or an object without fields.
    package static func decodeNothing(from bytes: some Collection<UInt8>) throws {
        guard !bytes.isEmpty else { return }
        if case .object(let members) = try parse(bytes), members.isEmpty { return }
        throw DibsError(
            .unknownField, "This request takes no body.", hint: "Send it without one.")
    }

    /// Reads any JSON; throws `malformed_json` with the place.
    ///
    /// An answer of a server is read within `JSONLimits.ours`: it has the values of others around
    /// it.
    package static func parse(
        _ bytes: some Sequence<UInt8>, within limits: JSONLimits = .outside
    ) throws -> JSON {
        do { return try JSON.parse(bytes, within: limits) } catch let error as JSONError {
            throw DibsError(
                .malformedJSON, "The body is not JSON that Dibs takes.",
                details: ["reason": error.message, "offset": "\(error.offset)"],
                hint: "Send one JSON value in UTF-8, each name once.")
        }
    }
}

extension DibsError {
    /// The field that is not there, and those that are.
    fileprivate init(_ unknown: UnknownMember) {
        let parents = unknown.codingPath.isEmpty ? "" : Self.path(unknown.codingPath) + "."
        self.init(
            .unknownField, "There is no such field here.",
            details: ["field": parents + unknown.name.excerpt],
            hint: "The fields are \(unknown.known.joined(separator: ", ")).")
    }

    /// The field that could not be read, and the reason.
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(
                .missingField, "A field is missing.",
                details: ["field": Self.path(context.codingPath + [key])], hint: "Send it.")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            self.init(wrongType: type, at: Self.path(context.codingPath))
        case .dataCorrupted(let context):
            self.init(unreadable: context.debugDescription, at: Self.path(context.codingPath))
        @unknown default:
            self.init(.invalidField, "The body cannot be read.", hint: "Check its fields.")
        }
    }

    private init(wrongType type: any Any.Type, at field: String) {
        let kind = String(describing: type).split(separator: "<").first?.lowercased() ?? "value"
        // In JSON's words, not in Swift's.
        let words = ["dictionary": "object", "bool": "boolean", "int": "integer"]
        self.init(
            .invalidField, "A field has the wrong type.",
            details: ["field": field, "expected": words[kind] ?? kind],
            hint: "Send the type that is expected.")
    }

    private init(unreadable reason: String, at field: String) {
        let code: ErrorCode =
            switch reason {
            case "not a UUID": .invalidID
            case let text where text.hasPrefix("not an amount"): .invalidAmount
            default: .invalidField
            }
        self.init(
            code, "A field has a value that cannot be read.",
            details: ["field": field, "reason": reason.excerpt],
            hint: Self.hint(for: code))
    }

    private static func hint(for code: ErrorCode) -> String {
        switch code {
        case .invalidID: "Send a UUID: 8-4-4-4-12 hexadecimal digits."
        case .invalidAmount: #"Send an amount such as "0.004200", at most nine places."#
        default: "Send one of the values that the field takes."
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
