package import DibsJSON

/// New values for columns: `$0.title = "Fix it"`.
///
/// Only written, never read.
@dynamicMemberLookup
package struct Changes<Root: TableRecord> {
    private(set) var columns: [String] = []
    private(set) var values: [SQL] = []

    init() {}

    package subscript<V: SQLValue>(dynamicMember path: KeyPath<Root, V>) -> V {
        @available(*, unavailable, message: "a change is only written; see increment, append")
        get { preconditionFailure("the compiler refuses every call") }
        set { set(path, to: .value(newValue)) }
    }

    /// Sets a column to what SQL says; said twice, the last one counts.
    package mutating func set<V: SQLValue>(_ path: KeyPath<Root, V>, to sql: SQL) {
        let name = Root.table.field(of: path).name
        if let place = columns.firstIndex(of: name) {
            values[place] = sql
        } else {
            columns.append(name)
            values.append(sql)
        }
    }

    /// Adds in the database, so that no other addition is lost.
    package mutating func increment(_ path: KeyPath<Root, Int>, by amount: Int = 1) {
        let column = SQL.text(Root.table.field(of: path).qualified)
        set(path, to: column + " + \(amount)")
    }

    /// Appends in the database, so that no other append is lost.
    package mutating func append<E>(_ element: E, to path: KeyPath<Root, JSONList<E>>) {
        let column = SQL.text(Root.table.field(of: path).qualified)
        let list = JSONList([element])
        set(
            path,
            to: .either(
                sqlite: "json_insert(\(column), '$[#]', json(\(list) -> 0))",
                postgres: column + " || \(list)"))
    }

    /// Merges in the database (RFC 7396): null removes, objects merge all the way down.
    package mutating func merge(_ patch: JSON, into path: KeyPath<Root, JSON>) {
        let column = SQL.text(Root.table.field(of: path).qualified)
        set(
            path,
            to: .either(
                sqlite: "json_patch(\(column), \(patch))",
                postgres: "json_merge_patch(\(column), \(patch))"))
    }

    var assignments: SQL { zip(columns, values).map { .text($0 + " = ") + $1 }.joined(", ") }

    var columnList: SQL { .text(columns.joined(separator: ", ")) }
}
