internal import DibsJSON
package import Foundation

extension Bool: SQLValue {
    package static var kind: SQLKind { .bool }
    package var binding: SQLBinding { .bool(self) }
    package init(from row: inout RowReader) throws { self = try row.source.bool(row.advance()) }
}

extension Int: SQLValue {
    package static var kind: SQLKind { .integer }
    package var binding: SQLBinding { .integer(Int64(self)) }
    package init(from row: inout RowReader) throws {
        self = Int(try row.source.integer(row.advance()))
    }
}

extension Double: SQLValue {
    package static var kind: SQLKind { .real }
    package var binding: SQLBinding { .real(self) }
    package init(from row: inout RowReader) throws { self = try row.source.real(row.advance()) }
}

extension String: SQLValue {
    package static var kind: SQLKind { .text }
    package var binding: SQLBinding { .text(self) }
    package init(from row: inout RowReader) throws { self = try row.source.text(row.advance()) }
}

extension Array: SQLValue where Element == UInt8 {
    package static var kind: SQLKind { .blob }
    package var binding: SQLBinding { .blob(self) }
    package init(from row: inout RowReader) throws { self = try row.source.blob(row.advance()) }
}

extension UUID: SQLValue {
    package static var kind: SQLKind { .uuid }
    package var binding: SQLBinding { .uuid(self) }
    package init(from row: inout RowReader) throws { self = try row.source.uuid(row.advance()) }
}

extension Date: SQLValue {
    package static var kind: SQLKind { .timestamp }

    /// Whole milliseconds, in the databases' unit: an engine that kept more would round it, and
    /// could round it into the future.
    package var binding: SQLBinding { .timestamp(microseconds: milliseconds * 1000) }

    package init(from row: inout RowReader) throws {
        let milliseconds = try row.source.microseconds(row.advance()) / 1000
        guard Date.millisecondRange.contains(milliseconds) else {
            throw DataError(.overflow, "a time is outside of the years 1 to 9999")
        }
        self.init(milliseconds: milliseconds)
    }
}

extension Default where V == Date {
    /// The database's clock in whole milliseconds, which is what SQLite's has.
    package static var now: Self {
        Self(
            sqlite: "(CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000)",
            postgres: "date_trunc('milliseconds', clock_timestamp())")
    }
}
