internal import DibsData
internal import DibsJSON
internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// A GRDB connection in one transaction: GRDB prepares and steps, columns are read where SQLite
/// has them.
final class SQLiteConnection: SQLConnection {
    private let database: GRDB.Database

    init(_ database: GRDB.Database) { self.database = database }

    var dialect: Dialect { .sqlite }

    private(set) var steps: Int?
    private var interruptsNext = false

    func interruptNext() { interruptsNext = true }

    func liftTimeLimits() {}

    func script(_ sql: String) throws {
        try translatingErrors { try database.execute(sql: sql) }
    }

    func run(
        _ sql: String, _ bindings: [SQLBinding], row: (inout RowReader) throws -> Void
    ) throws -> Int {
        try translatingErrors {
            let isInterrupted = interruptsNext
            interruptsNext = false
            if isInterrupted { interruptAtEachStep(true) }
            defer { if isInterrupted { interruptAtEachStep(false) } }
            let statement = try database.cachedStatement(sql: sql)
            let cursor = SQLiteRow(statement)
            for (index, value) in bindings.enumerated() {
                try bind(value, to: statement.sqliteStatement, CInt(index + 1))
            }
            var reader = RowReader(cursor)
            while try cursor.next() != nil {
                reader.column = 0
                try row(&reader)
            }
            steps = Int(
                sqlite3_stmt_status(statement.sqliteStatement, SQLITE_STMTSTATUS_VM_STEP, 1))
            return statement.isReadonly ? 0 : database.changesCount
        }
    }

    private func interruptAtEachStep(_ interrupts: Bool) {
        let handle = database.sqliteConnection
        sqlite3_progress_handler(handle, interrupts ? 1 : 0, interrupts ? { _ in 1 } : nil, nil)
    }
}

/// SQLITE_TRANSIENT, a macro that Swift does not see: SQLite copies what it is given.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

private func bind(
    _ value: SQLBinding, to statement: OpaquePointer, _ index: CInt
) throws {
    let code: CInt
    switch value {
    case .null: code = sqlite3_bind_null(statement, index)
    case .bool(let value): code = sqlite3_bind_int64(statement, index, value ? 1 : 0)
    case .integer(let value), .timestamp(let value), .decimal(let value):
        code = sqlite3_bind_int64(statement, index, value)
    case .real(let value): code = sqlite3_bind_double(statement, index, value)
    case .text(let value), .json(let value): code = bind(text: value, to: statement, index)
    case .blob(let value): code = bind(bytes: value, to: statement, index)
    case .uuid(let value):
        code = withUnsafeBytes(of: value.uuid) {
            sqlite3_bind_blob(statement, index, $0.baseAddress, 16, transient)
        }
    case .array(let values, of: .uuid):
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 * values.count)
        for case .uuid(let value) in values {
            withUnsafeBytes(of: value.uuid) { bytes.append(contentsOf: $0) }
        }
        code = bind(bytes: bytes, to: statement, index)
    case .array(let values, _):
        let items = values.map { value in
            if case .text(let text) = value { return JSON.string(text).canonicalText }
            return value.literal(on: .sqlite)
        }
        code = bind(text: "[" + items.joined(separator: ",") + "]", to: statement, index)
    }
    guard code == SQLITE_OK else {
        throw DataError(.overflow, "SQLite does not take a value (\(code)): it is too long")
    }
}

private func bind(text: String, to statement: OpaquePointer, _ index: CInt) -> CInt {
    var text = text
    return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
            // An empty text is not a null: it needs an address.
            let start = $0.baseAddress ?? UnsafePointer(bitPattern: 1)
            return sqlite3_bind_text(statement, index, start, CInt(clamping: $0.count), transient)
        }
    }
}

private func bind(bytes: [UInt8], to statement: OpaquePointer, _ index: CInt) -> CInt {
    guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
    return bytes.withUnsafeBytes {
        sqlite3_bind_blob(statement, index, $0.baseAddress, CInt(clamping: $0.count), transient)
    }
}
