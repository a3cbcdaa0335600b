/// A kind of value that a column can hold, and how each engine spells it.
package enum SQLKind: Sendable, Hashable {
    case bool, integer, real, text, blob, uuid, timestamp, decimal, json

    /// The type's name in a CREATE TABLE.
    ///
    /// Texts compare by bytes on both engines, whatever the language of the database.
    func type(on dialect: Dialect) -> String {
        switch (self, dialect) {
        case (.bool, .postgres): "boolean"
        case (.integer, .postgres): "bigint"
        case (.real, .postgres): "double precision"
        case (.text, .postgres): "text COLLATE \"C\""
        case (.blob, .postgres): "bytea"
        case (.uuid, .postgres): "uuid"
        case (.timestamp, .postgres): "timestamptz"
        case (.decimal, .postgres): "numeric(19,9)"
        case (.json, .postgres): "jsonb"
        case (.bool, .sqlite), (.integer, .sqlite), (.timestamp, .sqlite), (.decimal, .sqlite):
            "INTEGER"
        case (.real, .sqlite): "REAL"
        case (.text, .sqlite), (.json, .sqlite): "TEXT"
        case (.blob, .sqlite), (.uuid, .sqlite): "BLOB"
        }
    }

    /// The CHECK for what the type itself does not promise: on SQLite most of it, on PostgreSQL
    /// that a decimal is in range and no NaN, which sorts above every number.
    func check(_ column: String, on dialect: Dialect) -> String? {
        switch (self, dialect) {
        case (.bool, .sqlite): "\(column) IN (0, 1)"
        case (.uuid, .sqlite): "length(\(column)) = 16"
        case (.json, .sqlite): "\(column) IS NULL OR json_valid(\(column))"
        case (.decimal, .sqlite):
            "\(column) BETWEEN -8999999999999999999 AND 8999999999999999999"
        case (.decimal, .postgres): "\(column) > -9000000000 AND \(column) < 9000000000"
        default: nil
        }
    }
}
