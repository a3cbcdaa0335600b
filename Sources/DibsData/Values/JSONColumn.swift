package import DibsJSON

/// A type whose column is JSON: typed where its shape is known.
///
/// Both engines are only ever given our canonical text, so they agree on what they store.
package protocol JSONColumn: SQLValue, Codable {}

extension JSONColumn {
    package static var kind: SQLKind { .json }

    package var binding: SQLBinding {
        guard let json = try? asJSON else {
            preconditionFailure("\(Self.self) holds what JSON has no digits for, such as NaN")
        }
        return .json(json.canonicalText)
    }

    package init(from row: inout RowReader) throws {
        self = try row.source.json(row.advance()) { bytes in
            try JSONValueDecoder(JSON.parse(bytes, within: .ours)).decode(Self.self)
        }
    }
}

extension JSONList: SQLValue, JSONColumn {}

extension JSON: SQLValue, JSONColumn {
    package var binding: SQLBinding { .json(canonicalText) }

    /// `{}` and `[]` are most of what is stored, and need no parser.
    package init(from row: inout RowReader) throws {
        self = try row.source.json(row.advance()) { bytes in
            if bytes.elementsEqual("{}".utf8) { return .object([:]) }
            if bytes.elementsEqual("[]".utf8) { return .array([]) }
            return try JSON.parse(bytes, within: .ours)
        }
    }
}
