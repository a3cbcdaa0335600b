/// A record's table, declared once: its columns, and the initializer that takes them in that order.
///
/// From the one declaration come the decoder, the names in statements, and the DDL of both engines.
/// Columns of different types that are swapped or missing do not compile; a property that is no
/// stored one stops the program when the table is first used.
package final class Table<Root: TableRecord>: Sendable {
    struct Field: Sendable {
        let index: Int
        let name: String
        let qualified: String
        let type: ObjectIdentifier
        let kind: SQLKind
        let isNullable: Bool
        let cases: [String]?
        let isKey: Bool
        /// The expression that stands for the column where it is not read: its default, or NULL.
        let blank: SQL
        let ddl: @Sendable (Dialect, _ isWholeKey: Bool) -> String
    }

    /// The table's name.
    package let name: String
    /// Every column, each after the table's name, in the order the record is read in.
    package let columnList: String
    let fields: [Field]
    let decode: @Sendable (inout RowReader) throws -> Root
    let encode: @Sendable (Root) -> [SQLBinding]
    private let byOffset: [Int: Int]
    private let indexes: [Index<Root>]
    private let constraints: [String]

    /// Declares a table.
    ///
    /// - `make` is the record's memberwise initializer.
    /// - `constraints` are the lines of CREATE TABLE that are about several columns.
    package init<each V: SQLValue>(
        _ name: String, _ columns: repeat Column<Root, each V>,
        make: @escaping @Sendable (repeat each V) throws -> Root,
        indexes: [Index<Root>] = [], constraints: [String] = []
    ) {
        var fields: [Field] = []
        var byOffset: [Int: Int] = [:]
        for column in repeat each columns {
            guard let offset = MemoryLayout<Root>.offset(of: column.path) else {
                preconditionFailure("\(name).\(column.name) is no stored property")
            }
            byOffset[offset] = fields.count
            fields.append(Self.field(column, name, fields.count))
        }
        self.name = name
        (self.fields, self.byOffset) = (fields, byOffset)
        (self.indexes, self.constraints) = (indexes, constraints)
        // A closure: a key path written beside a pack stops the program (Swift 6.3).
        columnList = fields.map { $0.qualified }.joined(separator: ", ")
        decode = { row in try make(repeat try (each V)(from: &row)) }
        encode = { root in
            var values: [SQLBinding] = []
            for column in repeat each columns {
                values.append(root[keyPath: column.path].binding)
            }
            return values
        }
    }

    private static func field<V>(
        _ column: Column<Root, V>, _ table: String, _ index: Int
    ) -> Field {
        Field(
            index: index, name: column.name, qualified: table + "." + column.name,
            type: ObjectIdentifier(V.self), kind: V.kind, isNullable: V.isNullable, cases: V.cases,
            isKey: column.primaryKey, blank: column.blank
        ) { dialect, isWholeKey in column.ddl(on: dialect, isWholeKey: isWholeKey) }
    }

    func field<V>(of path: KeyPath<Root, V>) -> Field {
        guard let offset = MemoryLayout<Root>.offset(of: path), let index = byOffset[offset],
            fields[index].type == ObjectIdentifier(V.self)
        else { preconditionFailure("\(path) is no column of \(name)") }
        return fields[index]
    }
}

extension Table {
    /// The statements that make the table and its indexes on an engine.
    package func ddl(on dialect: Dialect) -> [String] {
        let keys = fields.filter(\.isKey)
        var lines = fields.map { $0.ddl(dialect, $0.isKey && keys.count == 1) }
        if keys.count > 1 {
            lines.append("PRIMARY KEY (\(keys.map(\.name).joined(separator: ", ")))")
        }
        lines += constraints
        let body = "CREATE TABLE \(name) (\n    " + lines.joined(separator: ",\n    ") + "\n)"
        return [dialect == .sqlite ? body + " STRICT" : body] + indexes.map { $0.ddl(on: dialect) }
    }
}

/// A table without its record's type, for what is about all of them.
package struct AnyTable: Sendable {
    /// The table's name.
    package let name: String
    /// The statements that make the table and its indexes on an engine.
    package let ddl: @Sendable (Dialect) -> [String]
    /// Names of columns that come back as another one's value when a row of numbered values is
    /// read; empty unless two columns of one type are swapped.
    package let swappedColumns: @Sendable () throws -> [String]

    /// Any table.
    package init<Root>(_ table: Table<Root>) {
        name = table.name
        ddl = { table.ddl(on: $0) }
        swappedColumns = { try table.swappedColumns() }
    }
}

extension Table {
    func name(of path: PartialKeyPath<Root>) -> String {
        guard let offset = MemoryLayout<Root>.offset(of: path), let index = byOffset[offset] else {
            preconditionFailure("\(path) is no column of \(name)")
        }
        return fields[index].name
    }
}
