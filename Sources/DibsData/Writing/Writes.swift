extension Transaction {
    /// Runs a statement; answers how many rows it changed.
    @discardableResult
    package func execute(_ sql: SQL) throws -> Int { try connection.run(sql) { _ in } }

    /// Runs a command with its arguments; answers how many rows it changed.
    @discardableResult
    package func run<each A: SQLValue>(
        _ command: Command<repeat each A>, _ arguments: repeat each A
    ) throws -> Int {
        let (text, bindings) = command.statement(on: dialect, (repeat each arguments))
        return try connection.run(text, bindings) { _ in }
    }

    /// Inserts one row and gives it back as the database made it.
    @discardableResult
    package func insert<R: TableRecord>(
        _ type: R.Type, _ change: (inout Changes<R>) throws -> Void
    ) throws -> R {
        var changes = Changes<R>()
        try change(&changes)
        return try one(type, Self.insertion(changes) + " RETURNING \(columns: type)")
    }

    /// Inserts one row, or changes the one that is there with the same key; gives it back.
    @discardableResult
    package func upsert<R: TableRecord>(
        _ type: R.Type, onConflict key: [any PartialKeyPath<R> & Sendable],
        _ change: (inout Changes<R>) throws -> Void
    ) throws -> R {
        var changes = Changes<R>()
        try change(&changes)
        let names = key.map { R.table.name(of: $0) }
        let others = changes.columns.filter { !names.contains($0) }
        let target = SQL.text(names.joined(separator: ", "))
        // A change of nothing still gives the row back.
        let updates = (others.isEmpty ? names : others).map { SQL.text("\($0) = excluded.\($0)") }
        return try one(
            type,
            Self.insertion(changes)
                + " ON CONFLICT (\(target)) DO UPDATE SET \(updates.joined(", "))"
                + " RETURNING \(columns: type)")
    }

    private static func insertion<R: TableRecord>(_ changes: Changes<R>) -> SQL {
        guard !changes.columns.isEmpty else { return "INSERT INTO \(R.self) DEFAULT VALUES" }
        return """
            INSERT INTO \(R.self) (\(changes.columnList)) VALUES (\(changes.values.joined(", ")))
            """
    }

    private func one<R: TableRecord>(_ type: R.Type, _ sql: SQL) throws -> R {
        guard let row = try connection.all(type, sql).first else {
            throw DataError(.missing, "nothing came back from an insert")
        }
        return row
    }

    /// Changes the rows that fit and gives them back as they are now.
    ///
    /// A change of nothing reads them.
    @discardableResult
    package func update<R: TableRecord>(
        _ type: R.Type, set change: (inout Changes<R>) throws -> Void,
        @AllOf<R> where filter: (Columns<R>) -> Predicate<R>
    ) throws -> [R] {
        var changes = Changes<R>()
        try change(&changes)
        let filter = filter(Columns()).sql
        guard !changes.columns.isEmpty else {
            return try connection.all(
                type, "SELECT \(columns: type) FROM \(type) WHERE \(filter)")
        }
        return try connection.all(
            type,
            """
            UPDATE \(type) SET \(changes.assignments) WHERE \(filter) RETURNING \(columns: type)
            """)
    }

    /// Removes the rows that fit; answers how many they were.
    @discardableResult
    package func delete<R: TableRecord>(
        from type: R.Type, @AllOf<R> where filter: (Columns<R>) -> Predicate<R>
    ) throws -> Int { try execute("DELETE FROM \(type) WHERE \(filter(Columns()).sql)") }
}
