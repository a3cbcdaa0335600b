package import DibsData
internal import Synchronization

/// Counts the statements of the transactions that pass, and makes one of them fail.
package final class Fault: Sendable {
    /// The kind of fault at the statement.
    package enum Kind: String, Sendable, CaseIterable {
        /// The database refuses it.
        case refused
        /// The disk is full: PostgreSQL says so (53100), and inside SQLite it may end the whole
        /// transaction.
        case full
        /// The statement is interrupted while it runs: `sqlite3_interrupt`, `pg_cancel_backend`.
        case interrupted
    }

    private static let full = """
        DO $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$
        """

    private let left = Mutex<Int?>(nil)
    /// The kind of fault when it comes.
    package let kind: Kind

    /// A fault that is not armed.
    package init(_ kind: Kind = .refused) { self.kind = kind }

    /// The statement that is so many away fails, and none after it.
    package func arm(statement: Int) { left.withLock { $0 = statement } }

    /// Whether the fault is still to come.
    package var isArmed: Bool { left.withLock { $0 != nil } }

    /// No fault.
    package func disarm() { left.withLock { $0 = nil } }

    fileprivate func step(on connection: any SQLConnection) throws {
        let isNow = left.withLock { left in
            guard let count = left else { return false }
            left = count > 1 ? count - 1 : nil
            return count == 1
        }
        guard isNow else { return }
        if kind == .interrupted { return connection.interruptNext() }
        if kind == .full {
            if connection.dialect == .postgres { return try connection.script(Self.full) }
            try connection.script("ROLLBACK")
            throw DataError(.full, "the disk was made to be full")
        }
        throw DataError(.engine, "this statement was made to fail")
    }
}

/// An engine whose statements can be made to fail.
package struct FaultyEngine: SQLEngine {
    private let base: any SQLEngine
    private let fault: Fault

    /// An engine with a fault in it.
    package init(_ base: any SQLEngine, _ fault: Fault) { (self.base, self.fault) = (base, fault) }

    package func read<T: Sendable>(
        statements: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await base.read(statements: statements, body) }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await base.write { [fault] in try body(FaultyConnection($0, fault)) }
    }

    package func scratch<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await base.scratch(body) }

    package func close() async { await base.close() }
}

private final class FaultyConnection: SQLConnection {
    private let base: any SQLConnection
    private let fault: Fault

    init(_ base: any SQLConnection, _ fault: Fault) { (self.base, self.fault) = (base, fault) }

    var dialect: Dialect { base.dialect }

    var steps: Int? { base.steps }

    func interruptNext() { base.interruptNext() }

    func liftTimeLimits() throws { try base.liftTimeLimits() }

    func run(
        _ sql: String, _ bindings: [SQLBinding], row: (inout RowReader) throws -> Void
    ) throws -> Int {
        try fault.step(on: base)
        return try base.run(sql, bindings, row: row)
    }

    func script(_ sql: String) throws { try base.script(sql) }
}
