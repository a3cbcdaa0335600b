/// The statements by which rows of a relation are found: by the set of their owners' keys, in one
/// statement. A limit for each owner is a window function; then the rank orders the answer.

func fetchOnes<Owner: TableRecord, T: Entity>(
    _ connection: Connection, _ owners: [Owner], _ selection: Selection<T>,
    _ key: (Owner) -> T.ID?
) throws -> Children<T> {
    let keys = owners.map(key)
    let wanted = Set(keys.compactMap(\.self))
    guard !wanted.isEmpty else { return Children(groupOfOwner: owners.map { _ in nil }) }
    let sql =
        "SELECT " + selection.columns + .text(" FROM \(T.tableName)")
        + selection.clauses(.text("\(T.tableName).id") + keySet(Array(wanted)))
    let rows = try connection.all(T.self, sql)
    let places = Dictionary(rows.enumerated().map { ($1.id, $0) }) { first, _ in first }
    return Children(
        rows: rows, groupOfRow: Array(rows.indices),
        groupOfOwner: keys.map { key in key.flatMap { places[$0] } }, groupCount: rows.count)
}

func fetchMany<Owner: Entity, T: TableRecord>(
    _ connection: Connection, _ owners: [Owner], _ selection: Selection<T>, key: Table<T>.Field
) throws -> Children<T> {
    try fetchGroups(connection, owners, selection, keyIsColumn: key.index) { owners in
        manySQL(owners, selection, from: T.tableName, key: key.qualified, alsoKey: false)
    }
}

func fetchThrough<Owner: Entity, T: Entity, Pair: TableRecord>(
    _ connection: Connection, _ owners: [Owner], _ selection: Selection<T>, _: Pair.Type,
    near: Table<Pair>.Field, far: Table<Pair>.Field
) throws -> Children<T> {
    let join = "\(Pair.tableName) JOIN \(T.tableName) ON \(T.tableName).id = \(far.qualified)"
    // The pair's key stands behind the columns of its target.
    return try fetchGroups(connection, owners, selection, keyIsColumn: T.table.fields.count) {
        manySQL($0, selection, from: join, key: near.qualified, alsoKey: true)
    }
}

private func fetchGroups<Owner: Entity, T: TableRecord>(
    _ connection: Connection, _ owners: [Owner], _ selection: Selection<T>,
    keyIsColumn column: Int, _ sql: ([Owner.ID]) -> SQL
) throws -> Children<T> {
    guard !owners.isEmpty else { return Children() }
    var places: [Owner.ID: Int] = [:]
    places.reserveCapacity(owners.count)
    var children = Children<T>()
    children.groupOfOwner = owners.map { owner in
        if let place = places[owner.id] { return place }
        places[owner.id] = places.count
        return places.count - 1
    }
    children.groupCount = places.count
    let table = T.table
    try connection.run(sql(Array(places.keys))) { row in
        children.rows.append(try table.decode(&row))
        row.column = column
        guard let place = places[try Owner.ID(from: &row)] else {
            throw DataError(.mismatch, "a row came that no owner asked for")
        }
        children.groupOfRow.append(place)
    }
    return children
}

private func manySQL<K: Key, T: TableRecord>(
    _ owners: [K], _ selection: Selection<T>, from: String, key: String, alsoKey: Bool
) -> SQL {
    let inSet = SQL.text(key) + keySet(owners)
    let table = T.table
    guard let limit = selection.limit else {
        return "SELECT " + selection.columns
            + .text((alsoKey ? ", " + key : "") + " FROM \(from)") + selection.clauses(inSet)
    }
    var inner = selection
    inner.orders = []
    let order =
        selection.orders.isEmpty
        ? SQL.text(table.fields.filter(\.isKey).map(\.qualified).joined(separator: ", "))
        : selection.orders.map(\.sql).joined(", ")
    let more = alsoKey ? ", \(key) AS key_" : ""
    return .text("SELECT \(table.columnList)\(alsoKey ? ", key_" : "") FROM (SELECT ")
        + selection.columns + .text("\(more), row_number() OVER (PARTITION BY \(key) ORDER BY ")
        + order + .text(") AS rank_ FROM \(from)") + inner.clauses(inSet)
        + .text(") AS \(T.tableName) WHERE rank_ <= ") + "\(limit) ORDER BY rank_"
}
