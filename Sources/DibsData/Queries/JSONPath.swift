/// A step into a JSON column: `$0.context["repo"]["branch"] == "main"`.
///
/// A text is no number: `== 4` and `== "4"` find different rows, on both engines. A step is a name
/// written in the source, without a quotation mark: SQLite 3.40 has no way to write one in a path.
package struct JSONPath<Root: TableRecord>: Sendable {
    let column: SQL
    let steps: [String]

    fileprivate init(column: SQL, steps: [String]) {
        precondition(
            !steps.joined().contains { $0 == "\"" || $0 == "\\" }, "no such step: \(steps)")
        (self.column, self.steps) = (column, steps)
    }

    /// The member of that name.
    package subscript(_ step: String) -> Self { Self(column: column, steps: steps + [step]) }

    private func found(_ sqliteOperator: String) -> SQL {
        let path = "$" + steps.map { ".\"\($0)\"" }.joined()
        let list = "{" + steps.map { "\"\($0)\"" }.joined(separator: ",") + "}"
        return .either(
            sqlite: column + .text(" \(sqliteOperator) " + path.quoted("'")),
            postgres: column + .text(" #> " + list.quoted("'")))
    }

    /// Whether there is no such member, or it is null.
    package var isNil: Predicate<Root> {
        .init(
            sql: .either(
                sqlite: found("->>") + " IS NULL",
                postgres: "coalesce(" + found("") + ", 'null') = 'null'"))
    }

    /// Whether the member is this value, of this type.
    package static func == (a: Self, b: some SQLValue) -> Predicate<Root> {
        .init(
            sql: .either(
                sqlite: a.found("->>") + " = \(b)",
                postgres: a.found("") + " = to_jsonb(\(b))"))
    }
}

extension Expr where Value: JSONColumn {
    /// The member of that name.
    package subscript(_ step: String) -> JSONPath<Root> { JSONPath(column: sql, steps: [step]) }
}
