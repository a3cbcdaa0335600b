/// The cost of a statement to the engine, in its own unit, which no other load on the machine
/// changes.
package struct StatementCost: Sendable, Hashable {
    /// Steps of its virtual machine on SQLite; buffers touched on PostgreSQL.
    package var units: Int
    /// Rows that were read and passed over; only PostgreSQL tells.
    package var removed: Int

    /// A cost, or nothing yet.
    package init(units: Int = 0, removed: Int = 0) {
        (self.units, self.removed) = (units, removed)
    }
}

extension Database {
    /// Runs a statement again for a test, measures it, and takes it back.
    package func cost(of statement: RanStatement) async throws -> StatementCost {
        do {
            return try await write { tx in throw Measured(cost: try tx.cost(of: statement)) }
        } catch let measured as Measured {
            return measured.cost
        }
    }
}

/// Takes a transaction back with what it found out.
private struct Measured: Error { let cost: StatementCost }

extension Transaction {
    fileprivate func cost(of statement: RanStatement) throws -> StatementCost {
        guard dialect == .postgres else {
            try connection.run(statement.text, statement.bindings) { _ in }
            return StatementCost(units: connection.steps ?? 0, removed: 0)
        }
        var lines: [String] = []
        let explain = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) "
        try connection.run(explain + statement.text, statement.bindings) {
            lines.append(try String(from: &$0))
        }
        return StatementCost(plan: lines)
    }
}

extension StatementCost {
    /// Reads the text of PostgreSQL's EXPLAIN: the first node's buffers are those of all, and what
    /// a filter removed is told as the average of a node's loops.
    fileprivate init(plan: [String]) {
        self.init()
        var loops = 1
        var isMeasured = false
        for line in plan.prefix(while: { !$0.hasPrefix("Planning:") }) {
            if let count = line.number(after: "loops=") { loops = count }
            if let rows = line.number(after: "Rows Removed by Filter: ") { removed += rows * loops }
            guard !isMeasured, line.contains("Buffers: shared") else { continue }
            isMeasured = true
            units = (line.number(after: "hit=") ?? 0) + (line.number(after: "read=") ?? 0)
        }
    }
}

extension String {
    fileprivate func number(after words: String) -> Int? {
        guard let place = range(of: words) else { return nil }
        return Int(self[place.upperBound...].prefix { $0.isNumber })
    }

    private func range(of words: String) -> Range<Index>? { ranges(of: words).first }
}
