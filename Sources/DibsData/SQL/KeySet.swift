/// ` IN (…)` of a set of values as one parameter, so that the text of a statement never grows with
/// it and is prepared once.
///
/// PostgreSQL takes an array. SQLite takes a JSON list, or, for UUIDs, their bytes end to end: 3.40
/// has no `unhex`, so they are cut apart by `substr`. Cases of an enumeration are written out.
func keySet<V: SQLValue>(_ values: [V]) -> SQL {
    let literals = values.compactMap(\.literal)
    if !values.isEmpty, literals.count == values.count {
        return .text(" IN (" + literals.joined(separator: ", ") + ")")
    }
    let set = SQL.bound(.array(values.map(\.binding), of: V.kind))
    return .either(sqlite: keySetOnSQLite(V.kind, set), postgres: " = ANY(" + set + ")")
}

private func keySetOnSQLite(_ kind: SQLKind, _ set: SQL) -> SQL {
    guard kind == .uuid else { return " IN (SELECT value FROM json_each(" + set + "))" }
    return """
         IN (WITH RECURSIVE keys (all_, at) AS (
            SELECT \(set), 1 UNION ALL SELECT all_, at + 16 FROM keys WHERE at + 16 < length(all_))
        SELECT substr(all_, at, 16) FROM keys WHERE length(all_) > 0)
        """
}
