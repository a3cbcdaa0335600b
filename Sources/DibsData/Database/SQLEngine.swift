/// One connection, as an engine gives it to one transaction.
package protocol SQLConnection: AnyObject {
    /// The dialect of SQL it speaks.
    var dialect: Dialect { get }
    /// Runs one statement, hands over each row, and answers how many rows it changed.
    func run(
        _ sql: String, _ bindings: [SQLBinding], row: (inout RowReader) throws -> Void
    ) throws -> Int
    /// Runs statements that have no parameters and no rows.
    func script(_ sql: String) throws
    /// Lets the statements of this transaction take as long as they need, where there are limits.
    func liftTimeLimits() throws
    /// Interrupts the next statement while it runs, as a test asks for.
    func interruptNext()
    /// Steps that the last statement took; nil where the engine does not count them.
    var steps: Int? { get }
}

/// A database that can be read in a snapshot and written in a transaction.
///
/// Closures may run twice: after a deadlock, a serialization failure, a lost connection, or an
/// error of another transaction that shared the commit. So they have no effects but on the
/// database.
package protocol SQLEngine: Sendable {
    /// Runs a closure on one snapshot; with `statements` 1 it needs no transaction.
    func read<T: Sendable>(
        statements: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T
    /// Runs a closure in a transaction; when it returns, its writes are durable.
    func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T
    /// Runs a closure on an empty database of the same kind that is gone afterwards.
    func scratch<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T
    /// Ends when the work that waits is done.
    func close() async
}
