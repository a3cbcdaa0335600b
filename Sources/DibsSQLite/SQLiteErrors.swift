internal import DibsData
internal import GRDB

/// Runs something and turns GRDB's error into the data layer's.
func translatingErrors<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as DatabaseError { throw DataError(error) }
}

extension DataError {
    /// Makes the error that SQLite gave; of a constraint also which one: `table.column, …`, an
    /// index, or the text of a CHECK.
    init(_ error: DatabaseError) {
        let message = error.message ?? "\(error.resultCode)"
        let code: Code =
            switch error.resultCode {
            case .SQLITE_CONSTRAINT: .constraint
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL, .SQLITE_INTERRUPT: .busy
            case .SQLITE_FULL: .full
            case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_DBMOVED:
                .unavailable
            case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .denied
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged
            case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_NOMEM, .SQLITE_NOLFS: .unavailable
            case .SQLITE_ERROR where message == "integer overflow": .overflow
            default: .engine
            }
        let constraint = message.split(separator: " constraint failed: ", maxSplits: 1)
        self.init(
            code, message, sqlState: "\(error.extendedResultCode.rawValue)",
            constraint: code == .constraint ? constraint.last.map(String.init) : nil)
    }
}
