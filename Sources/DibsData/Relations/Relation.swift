/// Loads something for many owners at once; the answer is looked up by the owner's place.
struct Loader<Owner: TableRecord, Loaded: Sendable>: Sendable {
    let load: @Sendable (Connection, [Owner]) throws -> (Int) throws -> Loaded
}

/// The rows of a relation in groups, and the group of each owner; an owner that comes twice has
/// its group twice.
struct Children<Target> {
    var rows: [Target] = []
    var groupOfRow: [Int] = []
    var groupOfOwner: [Int?] = []
    var groupCount = 0
}

/// A way from one record to others: `one`, `one` that may be absent, `many`, `many(through:)`.
///
/// A relation is a query of its target, so it takes `where`, `order` and `limit`; the limit counts
/// for each owner. Whatever the number of owners, it is one statement.
package struct Relation<Owner: TableRecord, Target: TableRecord, Loaded: Sendable>: Selecting {
    package var selection = Selection<Target>()
    let fetch: @Sendable (Connection, [Owner], Selection<Target>) throws -> Children<Target>
    /// The form of each group for its owner.
    let shape: @Sendable (Connection, Children<Target>) throws -> [Loaded]
    let absent: @Sendable () throws -> Loaded

    var loader: Loader<Owner, Loaded> {
        Loader { connection, owners in
            let children = try fetch(connection, owners, selection)
            let loaded = try shape(connection, children)
            return { owner in
                try children.groupOfOwner[owner].map { loaded[$0] } ?? absent()
            }
        }
    }

    /// Fetches the rows of each owner, in the owners' order; one statement.
    package func load(for owners: [Owner], in session: some Session) throws -> [Loaded] {
        let lookup = try loader.load(session.connection, owners)
        return try owners.indices.map { try lookup($0) }
    }

    func reshaped<New>(
        absent: @escaping @Sendable () throws -> New,
        _ shape: @escaping @Sendable (Connection, Children<Target>) throws -> [New]
    ) -> Relation<Owner, Target, New> {
        Relation<Owner, Target, New>(
            selection: selection, fetch: fetch, shape: shape, absent: absent)
    }
}

extension TableRecord {
    /// The record that a key of this one points to.
    package static func one<K: Key>(
        _ key: any KeyPath<Self, K> & Sendable
    ) -> Relation<Self, K.Record, K.Record> where K.Record: Entity, K.Record.ID == K {
        Relation { connection, owners, selection in
            try fetchOnes(connection, owners, selection) { $0[keyPath: key] }
        } shape: {
            $1.rows
        } absent: {
            throw lostRow(of: K.Record.self)
        }
    }

    /// The record that a key of this one points to, where there is one.
    package static func one<K: Key>(
        _ key: any KeyPath<Self, K?> & Sendable
    ) -> Relation<Self, K.Record, K.Record?> where K.Record: Entity, K.Record.ID == K {
        Relation { connection, owners, selection in
            try fetchOnes(connection, owners, selection) { $0[keyPath: key] }
        } shape: {
            $1.rows
        } absent: {
            nil
        }
    }
}

extension Entity {
    /// The records whose key points to this one.
    package static func many<T: TableRecord>(
        _ key: any KeyPath<T, ID> & Sendable
    ) -> Relation<Self, T, [T]> {
        Relation { connection, owners, selection in
            try fetchMany(connection, owners, selection, key: T.table.field(of: key))
        } shape: {
            grouped($1)
        } absent: {
            []
        }
    }

    /// The records whose key, where they have one, points to this one.
    package static func many<T: TableRecord>(
        _ key: any KeyPath<T, ID?> & Sendable
    ) -> Relation<Self, T, [T]> {
        Relation { connection, owners, selection in
            try fetchMany(connection, owners, selection, key: T.table.field(of: key))
        } shape: {
            grouped($1)
        } absent: {
            []
        }
    }

    /// The records that a table of pairs joins to this one.
    package static func many<Pair: TableRecord, K: Key>(
        through near: any KeyPath<Pair, ID> & Sendable, _ far: any KeyPath<Pair, K> & Sendable
    ) -> Relation<Self, K.Record, [K.Record]> where K.Record: Entity, K.Record.ID == K {
        Relation { connection, owners, selection in
            try fetchThrough(
                connection, owners, selection, Pair.self, near: Pair.table.field(of: near),
                far: Pair.table.field(of: far))
        } shape: {
            grouped($1)
        } absent: {
            []
        }
    }
}

func lostRow<T: TableRecord>(of _: T.Type) -> DataError {
    DataError(.missing, "\(T.tableName) has lost a row that another one points to")
}

private func grouped<T>(_ children: Children<T>) -> [[T]] {
    var groups = [[T]](repeating: [], count: children.groupCount)
    for (index, row) in children.rows.enumerated() {
        groups[children.groupOfRow[index]].append(row)
    }
    return groups
}
