/// A Swift type that can be a column.
package protocol SQLValue: Sendable {
    /// The value's form in the database.
    static var kind: SQLKind { get }
    /// Whether the column may be NULL.
    static var isNullable: Bool { get }
    /// The texts of an enumeration, for its CHECK.
    static var cases: [String]? { get }
    /// The entity whose id this is, for its foreign key.
    static var target: (any Entity.Type)? { get }
    /// This value as a parameter.
    var binding: SQLBinding { get }
    /// Set for the case of an enumeration: a literal lets the planner see a partial index.
    var literal: String? { get }
    /// Reads the next column; throws `DataError`.
    init(from row: inout RowReader) throws
}

extension SQLValue {
    package static var isNullable: Bool { false }
    package static var cases: [String]? { nil }
    package static var target: (any Entity.Type)? { nil }
    package var literal: String? { nil }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    package static var kind: SQLKind { Wrapped.kind }
    package static var isNullable: Bool { true }
    package static var cases: [String]? { Wrapped.cases }
    package static var target: (any Entity.Type)? { Wrapped.target }
    package var binding: SQLBinding { self?.binding ?? .null(Wrapped.kind) }
    package var literal: String? { self?.literal }

    package init(from row: inout RowReader) throws {
        if row.source.isNull(row.column) {
            row.column += 1
            self = nil
        } else {
            self = try Wrapped(from: &row)
        }
    }
}

extension SQLValue where Self: RawRepresentable, RawValue == String {
    package static var kind: SQLKind { .text }
    package var binding: SQLBinding { .text(rawValue) }

    package init(from row: inout RowReader) throws {
        let text = try row.source.text(row.advance())
        guard let value = Self(rawValue: text) else {
            throw DataError(.mismatch, "'\(text)' is no \(Self.self)")
        }
        self = value
    }
}

extension SQLValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    package static var cases: [String]? { allCases.map(\.rawValue) }
    package var literal: String? { rawValue.quoted("'") }
}
