/// A source of rows: a snapshot or a transaction.
///
/// Neither is Sendable, so neither leaves its closure, and there is no `await` while it is open.
package protocol Session {
    /// The connection that runs the statements.
    var connection: Connection { get }
}

/// The database as it was at one moment.
package final class Snapshot: Session {
    /// The connection that runs the statements.
    package let connection: Connection

    init(_ connection: Connection) { self.connection = connection }
}

/// Changes that all happen, or none.
package final class Transaction: Session {
    /// The connection that runs the statements.
    package let connection: Connection
    /// The messages for the process; forgotten with it when it is taken back.
    private(set) var news: [any Sendable] = []
    private var savepoints = 0

    init(_ connection: Connection) { self.connection = connection }

    /// Which engine it runs on.
    package var dialect: Dialect { connection.dialect }

    /// Keeps something for who called, to hear when this is durable.
    package func tell(_ news: any Sendable) { self.news.append(news) }

    /// Runs statements that have no parameters and no rows, such as those of a schema.
    package func script(_ sql: String) throws { try connection.script(sql) }

    /// A part that can fail by itself: when it throws, what it did is undone and the rest stays.
    package func savepoint<T>(_ body: () throws -> T) throws -> T {
        savepoints += 1
        defer { savepoints -= 1 }
        let name = "inner_\(savepoints)"
        try connection.run("SAVEPOINT \(name)", []) { _ in }
        do {
            let value = try body()
            try connection.run("RELEASE SAVEPOINT \(name)", []) { _ in }
            return value
        } catch {
            try connection.run("ROLLBACK TO SAVEPOINT \(name)", []) { _ in }
            try connection.run("RELEASE SAVEPOINT \(name)", []) { _ in }
            throw error
        }
    }
}

extension Session {
    /// Lets the statements of this transaction take as long as they need: those that go through
    /// whole tables.
    package func liftTimeLimits() throws { try connection.liftTimeLimits() }

    /// Records of a statement that selects all columns of their table.
    package func all<R: TableRecord>(_ type: R.Type, _ sql: SQL) throws -> [R] {
        try connection.all(type, sql)
    }

    /// Records of a command that selects all columns of their table.
    package func all<R: TableRecord, each A: SQLValue>(
        _ type: R.Type, _ command: Command<repeat each A>, _ arguments: repeat each A
    ) throws -> [R] {
        let (text, bindings) = command.statement(on: connection.dialect, (repeat each arguments))
        var rows: [R] = []
        let table = R.table
        try connection.run(text, bindings) { row in rows.append(try table.decode(&row)) }
        return rows
    }

    /// Rows of a statement, a Swift type a column.
    package func rows<each V: SQLValue>(
        _ sql: SQL, as types: repeat (each V).Type
    ) throws -> [(repeat each V)] {
        var rows: [(repeat each V)] = []
        try connection.run(sql) { row in rows.append((repeat try (each V)(from: &row))) }
        return rows
    }
}
