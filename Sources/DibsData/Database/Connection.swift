internal import Foundation
internal import Synchronization

/// A statement that ran, with its values.
package struct RanStatement: Sendable {
    /// Its text.
    package let text: String
    /// Its parameters.
    let bindings: [SQLBinding]
}

/// Counts statements, and keeps them where it is asked to, for tests and metrics.
package final class StatementCounter: Sendable {
    private let total = Atomic(0)
    private let recording = Mutex<[RanStatement]?>(nil)

    init() {}

    /// Number of those that ran so far, in all transactions.
    package var count: Int { total.load(ordering: .relaxed) }

    /// Keeps every statement that runs while the closure does, and gives them.
    package func recorded(_ body: () async throws -> Void) async rethrows -> [RanStatement] {
        recording.withLock { $0 = [] }
        defer { recording.withLock { $0 = nil } }
        try await body()
        return recording.withLock { $0 ?? [] }
    }

    func add(_ text: String, _ bindings: [SQLBinding]) {
        total.add(1, ordering: .relaxed)
        recording.withLock { $0?.append(RanStatement(text: text, bindings: bindings)) }
    }
}

/// A connection whose statements are counted.
package final class Connection {
    private let base: any SQLConnection
    private let counter: StatementCounter
    let clock: DatabaseClock
    /// The answer of `now`, once it was asked.
    var moment: Date?

    init(_ base: any SQLConnection, _ counter: StatementCounter, _ clock: DatabaseClock) {
        (self.base, self.counter, self.clock) = (base, counter, clock)
    }

    var dialect: Dialect { base.dialect }

    var steps: Int? { base.steps }

    @discardableResult
    func run(
        _ text: String, _ bindings: [SQLBinding], row: (inout RowReader) throws -> Void
    ) throws -> Int {
        counter.add(text, bindings)
        return try base.run(text, bindings, row: row)
    }

    @discardableResult
    func run(_ sql: SQL, row: (inout RowReader) throws -> Void) throws -> Int {
        let rendered = RenderedSQL(sql, on: dialect)
        return try run(rendered.text, rendered.bindings(), row: row)
    }

    func all<R: TableRecord>(_: R.Type, _ sql: SQL) throws -> [R] {
        var rows: [R] = []
        let table = R.table
        try run(sql) { row in rows.append(try table.decode(&row)) }
        return rows
    }

    func script(_ sql: String) throws { try base.script(sql) }

    func liftTimeLimits() throws { try base.liftTimeLimits() }
}
