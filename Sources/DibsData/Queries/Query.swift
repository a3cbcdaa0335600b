/// A query of one table.
package struct Selection<Root: TableRecord>: Sendable {
    var filters: [SQL] = []
    var orders: [Order<Root>] = []
    var limit: Int?
    /// Places of columns that are not read.
    var leftOut: Set<Int> = []

    /// ` WHERE … ORDER BY …`, to stand after a FROM.
    func clauses(_ also: SQL? = nil) -> SQL {
        let filters = (also.map { [$0] } ?? []) + filters
        var sql = SQL()
        if !filters.isEmpty { sql += " WHERE " + filters.joined(" AND ") }
        return orders.isEmpty ? sql : sql + " ORDER BY " + orders.map(\.sql).joined(", ")
    }

    var sql: SQL {
        let sql = "SELECT " + columns + .text(" FROM \(Root.tableName)") + clauses()
        return limit.map { sql + " LIMIT \($0)" } ?? sql
    }

    /// The columns in their order, blanks in place of those that are not read.
    var columns: SQL {
        guard !leftOut.isEmpty else { return .text(Root.table.columnList) }
        return Root.table.fields.map { field in
            leftOut.contains(field.index)
                ? field.blank + .text(" AS \(field.name)") : .text(field.qualified)
        }
        .joined(", ")
    }
}

/// Whatever selects rows of one table: a query, with relations or without, or a relation itself.
package protocol Selecting: Sendable {
    /// The record it selects.
    associatedtype Root: TableRecord
    /// The query so far.
    var selection: Selection<Root> { get set }
}

extension Selecting {
    /// Only rows that fit; said twice, both must hold.
    package func `where`(@AllOf<Root> _ filter: (Columns<Root>) -> Predicate<Root>) -> Self {
        var copy = self
        let sql = filter(Columns()).sql
        if !sql.isEmpty { copy.selection.filters.append(sql) }
        return copy
    }

    /// In this order; said twice, the second breaks ties of the first.
    package func order(@InOrder<Root> by terms: (Columns<Root>) -> [Order<Root>]) -> Self {
        var copy = self
        copy.selection.orders += terms(Columns())
        return copy
    }

    /// Does not read a column that may be large: it comes as the default of its column, or nil.
    package func leavingOut<V: SQLValue>(_ path: KeyPath<Root, V>) -> Self {
        var copy = self
        copy.selection.leftOut.insert(Root.table.field(of: path).index)
        return copy
    }

    /// At most that many; on a relation, for each owner.
    package func limit(_ count: Int) -> Self {
        var copy = self
        copy.selection.limit = count
        return copy
    }
}

/// A question to one table, as a value.
package struct Query<Root: TableRecord>: Selecting {
    package var selection = Selection<Root>()

    /// Loads relations with each row; the row's type carries what was loaded.
    package func with<each Target: TableRecord, each Loaded: Sendable>(
        _ relations: repeat Relation<Root, each Target, each Loaded>
    ) -> Loading<Root, repeat each Loaded> {
        Loading(selection: selection, loaders: (repeat (each relations).loader))
    }

    /// The rows.
    package func all(in session: some Session) throws -> [Root] {
        try session.connection.all(Root.self, selection.sql)
    }

    /// The first row.
    package func first(in session: some Session) throws -> Root? {
        try limit(1).all(in: session).first
    }

    /// Counts the rows; `limit` does not count.
    package func count(in session: some Session) throws -> Int {
        var plain = selection
        plain.orders = []
        let sql = .text("SELECT count(*) FROM \(Root.tableName)") + plain.clauses()
        return try session.rows(sql, as: Int.self).first ?? 0
    }

    /// The rows, in a statement of its own.
    package func all(in database: Database) async throws -> [Root] {
        try await database.readOnce { try all(in: $0) }
    }

    /// The first row, in a statement of its own.
    package func first(in database: Database) async throws -> Root? {
        try await database.readOnce { try first(in: $0) }
    }
}

/// A question to one table and the relations that come with each row, as a value.
package struct Loading<Root: TableRecord, each Loaded: Sendable>: Selecting {
    package var selection: Selection<Root>
    let loaders: (repeat Loader<Root, each Loaded>)

    /// One statement for the rows, and one for each relation that has something to load.
    package func all(in session: some Session) throws -> [(Root, repeat each Loaded)] {
        let connection = session.connection
        let roots = try connection.all(Root.self, selection.sql)
        let lookups = (repeat try (each loaders).load(connection, roots))
        var rows: [(Root, repeat each Loaded)] = []
        rows.reserveCapacity(roots.count)
        for index in roots.indices {
            rows.append((roots[index], repeat try (each lookups)(index)))
        }
        return rows
    }

    /// The first row.
    package func first(in session: some Session) throws -> (Root, repeat each Loaded)? {
        try limit(1).all(in: session).first
    }

    /// The rows, in one snapshot.
    package func all(in database: Database) async throws -> [(Root, repeat each Loaded)] {
        try await database.read { try all(in: $0) }
    }

    /// The first row, in one snapshot.
    package func first(in database: Database) async throws -> (Root, repeat each Loaded)? {
        try await database.read { try first(in: $0) }
    }
}

extension Entity {
    /// The row with an id.
    package static func find(_ id: ID, in session: some Session) throws -> Self? {
        try session.all(
            Self.self, "SELECT \(columns: Self.self) FROM \(Self.self) WHERE id = \(id)"
        ).first
    }
}

extension TableRecord {
    /// Every row.
    package static var all: Query<Self> { Query() }

    /// The rows that fit.
    package static func `where`(
        @AllOf<Self> _ filter: (Columns<Self>) -> Predicate<Self>
    ) -> Query<Self> { all.where(filter) }
}
