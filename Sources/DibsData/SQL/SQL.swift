/// A statement as a value: text that is written here, values that are bound, places filled later.
///
/// Only text from the source becomes SQL. A `String` that is interpolated is bound, like any other
/// value; the one exception is the case of an enumeration, which is written as a literal, because
/// with a bound value neither engine uses a partial index.
package struct SQL: Sendable {
    /// A place in the text that is not text.
    enum Hole: Sendable {
        case value(SQLBinding)
        case slot(Int)
        indirect case either(sqlite: SQL, postgres: SQL)
    }

    /// Each U+0001 stands for the next of `holes`.
    private(set) var text: String
    private(set) var holes: [Hole]

    init(_ text: String = "", _ holes: [Hole] = []) { (self.text, self.holes) = (text, holes) }

    static func text(_ text: String) -> SQL { SQL(text) }

    /// Nothing.
    package static var empty: SQL { SQL() }

    /// A value: bound, or written out when it is the case of an enumeration.
    package static func value(_ value: some SQLValue) -> SQL {
        value.literal.map(SQL.text) ?? bound(value.binding)
    }

    static func bound(_ binding: SQLBinding) -> SQL { SQL("\u{1}", [.value(binding)]) }

    /// The part that differs between the engines.
    package static func either(sqlite: SQL, postgres: SQL) -> SQL {
        SQL("\u{1}", [.either(sqlite: sqlite, postgres: postgres)])
    }

    var isEmpty: Bool { text.isEmpty }

    /// One after the other.
    package static func + (a: SQL, b: SQL) -> SQL {
        SQL(a.text + b.text, a.holes + b.holes)
    }

    /// One after the other.
    package static func += (a: inout SQL, b: SQL) {
        a.text += b.text
        a.holes += b.holes
    }
}

extension [SQL] {
    func joined(_ separator: String) -> SQL {
        var sql = SQL()
        for (index, part) in enumerated() {
            if index > 0 { sql += .text(separator) }
            sql += part
        }
        return sql
    }
}

extension SQL: ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) { self.init(text) }

    /// The value that was written with `\( )`.
    package init(stringInterpolation built: Interpolation) { self = built.sql }

    /// A value that may stand in `\( )`.
    package struct Interpolation: StringInterpolationProtocol {
        var sql = SQL()

        /// Nothing yet.
        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ text: String) { sql += .text(text) }

        /// A value, bound.
        package mutating func appendInterpolation(_ value: some SQLValue) { sql += .value(value) }

        /// Another piece of SQL.
        package mutating func appendInterpolation(_ other: SQL) { sql += other }

        /// A place of a command.
        package mutating func appendInterpolation<V: SQLValue>(_ slot: Slot<V>) {
            sql += SQL("\u{1}", [.slot(slot.index)])
        }

        /// The name of a table.
        package mutating func appendInterpolation<R: TableRecord>(_ type: R.Type) {
            sql += .text(R.table.name)
        }

        /// Every column of a table, in the order its record is read in.
        package mutating func appendInterpolation<R: TableRecord>(columns type: R.Type) {
            sql += .text(R.table.columnList)
        }

        /// The name of a column.
        package mutating func appendInterpolation<R: TableRecord, V: SQLValue>(
            _ path: KeyPath<R, V>
        ) { sql += .text(R.table.field(of: path).name) }

        /// ` IN (…)` of a set that is one parameter, so the text does not grow with it.
        package mutating func appendInterpolation<V: SQLValue>(in values: some Collection<V>) {
            sql += keySet(Array(values))
        }

        /// A list as one parameter, for PostgreSQL's arrays; SQLite takes JSON, or UUIDs as bytes.
        package mutating func appendInterpolation<V: SQLValue>(array values: [V]) {
            sql += .bound(.array(values.map(\.binding), of: V.kind))
        }

        /// The part that differs between the engines.
        package mutating func appendInterpolation(sqlite: SQL, postgres: SQL) {
            sql += .either(sqlite: sqlite, postgres: postgres)
        }

        /// Text from the source.
        package mutating func appendInterpolation(raw text: StaticString) {
            sql += .text("\(text)")
        }
    }
}
