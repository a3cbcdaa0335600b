extension Database {
    /// Explains the engine's plan of a statement, a line a step.
    ///
    /// On PostgreSQL as if tables were large: a sequential scan is taken only where nothing else
    /// can be. For tests, which show that a hot query uses the index meant for it.
    package func explain(_ statement: RanStatement) async throws -> [String] {
        try await write { tx in
            var lines: [String] = []
            if tx.dialect == .sqlite {
                try tx.connection.run("EXPLAIN QUERY PLAN " + statement.text, statement.bindings) {
                    $0.column = 3
                    lines.append(try String(from: &$0))
                }
                return lines
            }
            try tx.script("SET LOCAL enable_seqscan = off")
            try tx.connection.run("EXPLAIN (COSTS OFF) " + statement.text, statement.bindings) {
                lines.append(try String(from: &$0))
            }
            return lines
        }
    }
}
