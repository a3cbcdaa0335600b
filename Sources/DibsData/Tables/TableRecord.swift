/// A Swift value that is a row of a table.
package protocol TableRecord: Sendable {
    /// Its table, declared once.
    static var table: Table<Self> { get }
}

/// A record that others can point to: its table has a column `id`.
package protocol Entity: TableRecord, Identifiable where ID: Key, ID.Record == Self {}

/// An id that knows whose it is: a column of this type is a foreign key.
package protocol Key: SQLValue, Hashable {
    /// The record it identifies.
    associatedtype Record
}

extension Key {
    package static var target: (any Entity.Type)? { Record.self as? any Entity.Type }
}

extension TableRecord {
    static var tableName: String { table.name }
}
