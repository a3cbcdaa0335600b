internal import DibsData
internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// The row a statement stands on.
///
/// STRICT tables hold what their columns say; expressions may not, so every type is looked at:
/// past Int64, SQLite's `+` and `*` silently make a float.
final class SQLiteRow: DatabaseCursor, RowSource {
    typealias Element = Void
    let _statement: Statement
    var _isDone = false
    private let statement: OpaquePointer

    init(_ statement: Statement) {
        (_statement, self.statement) = (statement, statement.sqliteStatement)
        sqlite3_reset(self.statement)
    }

    deinit {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    func _element(sqliteStatement: SQLiteStatement) throws {}

    private func need(_ type: CInt, _ column: Int) throws {
        let found = sqlite3_column_type(statement, CInt(column))
        guard found == type else {
            throw DataError(
                .mismatch,
                "column \(_statement.columnNames[column]) holds type \(found), not \(type)")
        }
    }

    private func count(_ column: Int) -> Int { Int(sqlite3_column_bytes(statement, CInt(column))) }

    func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(statement, CInt(column)) == SQLITE_NULL
    }

    func bool(_ column: Int) throws -> Bool { try integer(column) != 0 }

    func integer(_ column: Int) throws -> Int64 {
        try need(SQLITE_INTEGER, column)
        return sqlite3_column_int64(statement, CInt(column))
    }

    func real(_ column: Int) throws -> Double {
        if isNull(column) { try need(SQLITE_FLOAT, column) }
        return sqlite3_column_double(statement, CInt(column))
    }

    func text(_ column: Int) throws -> String {
        try need(SQLITE_TEXT, column)
        guard let text = sqlite3_column_text(statement, CInt(column)) else { return "" }
        return String(
            decoding: UnsafeBufferPointer(start: text, count: count(column)), as: UTF8.self)
    }

    func uuid(_ column: Int) throws -> UUID {
        try need(SQLITE_BLOB, column)
        guard count(column) == 16, let bytes = sqlite3_column_blob(statement, CInt(column)) else {
            throw DataError(.mismatch, "column \(_statement.columnNames[column]) is no UUID")
        }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }

    func blob(_ column: Int) throws -> [UInt8] {
        try need(SQLITE_BLOB, column)
        guard let bytes = sqlite3_column_blob(statement, CInt(column)) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: count(column)))
    }

    func microseconds(_ column: Int) throws -> Int64 { try integer(column) }

    func nanos(_ column: Int) throws -> Int64 { try integer(column) }

    func json<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
        try need(SQLITE_TEXT, column)
        let start = sqlite3_column_text(statement, CInt(column))
        return try body(UnsafeRawBufferPointer(start: start, count: count(column)))
    }
}
