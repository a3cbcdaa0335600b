/// A place in a command that gets its value when the command runs.
package struct Slot<Value: SQLValue>: Sendable { let index: Int }

/// A statement written once, rendered once for each engine, and run with typed arguments.
///
/// For the hot statements: rendering is a good part of what a short statement costs.
package struct Command<each Argument: SQLValue>: Sendable {
    private let sqlite: RenderedSQL
    private let postgres: RenderedSQL

    /// Writes the statement with a place for each argument; a place may stand more than once.
    package init(_ write: (repeat Slot<each Argument>) -> SQL) {
        var count = 0
        func slot<V>(_: V.Type) -> Slot<V> {
            defer { count += 1 }
            return Slot(index: count)
        }
        let sql = write(repeat slot((each Argument).self))
        sqlite = RenderedSQL(sql, on: .sqlite)
        postgres = RenderedSQL(sql, on: .postgres)
    }

    func statement(
        on dialect: Dialect, _ arguments: (repeat each Argument)
    ) -> (text: String, bindings: [SQLBinding]) {
        var late: [SQLBinding] = []
        for argument in repeat each arguments { late.append(argument.binding) }
        let rendered = dialect == .sqlite ? sqlite : postgres
        return (rendered.text, rendered.bindings(late))
    }
}
