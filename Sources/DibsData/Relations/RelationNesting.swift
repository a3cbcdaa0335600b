/// The value that comes with each row of a relation. The three shapes differ only here.

extension Relation where Loaded == [Target] {
    /// Loads relations with each of the rows.
    package func with<each T: TableRecord, each More: Sendable>(
        _ relations: repeat Relation<Target, each T, each More>
    ) -> Relation<Owner, Target, [(Target, repeat each More)]> {
        let loaders = (repeat (each relations).loader)
        return reshaped(absent: { [] }) { connection, children in
            let lookups = (repeat try (each loaders).load(connection, children.rows))
            var groups = [[(Target, repeat each More)]](
                repeating: [], count: children.groupCount)
            for (index, row) in children.rows.enumerated() {
                groups[children.groupOfRow[index]].append(
                    (row, repeat try (each lookups)(index)))
            }
            return groups
        }
    }
}

extension Relation where Loaded == Target {
    /// Loads relations with the row.
    package func with<each T: TableRecord, each More: Sendable>(
        _ relations: repeat Relation<Target, each T, each More>
    ) -> Relation<Owner, Target, (Target, repeat each More)> {
        let loaders = (repeat (each relations).loader)
        return reshaped(absent: { throw lostRow(of: Target.self) }) { connection, children in
            let lookups = (repeat try (each loaders).load(connection, children.rows))
            return try children.rows.indices.map { index in
                (children.rows[index], repeat try (each lookups)(index))
            }
        }
    }
}

extension Relation where Loaded == Target? {
    /// Loads relations with the row, where there is one.
    package func with<each T: TableRecord, each More: Sendable>(
        _ relations: repeat Relation<Target, each T, each More>
    ) -> Relation<Owner, Target, (Target, repeat each More)?> {
        let loaders = (repeat (each relations).loader)
        return reshaped(absent: { nil }) { connection, children in
            let lookups = (repeat try (each loaders).load(connection, children.rows))
            return try children.rows.indices.map { index in
                (children.rows[index], repeat try (each lookups)(index))
            }
        }
    }
}
