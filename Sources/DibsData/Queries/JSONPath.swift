/// A step into a JSON column: `$0.context["repo"]["branch"] == "main"`.
///
/// A text is no number: `== 4` and `== "4"` find different rows, on both engines.
package struct JSONPath<Root: TableRecord>: Sendable {
    let column: SQL
    let steps: [String]

    /// The member of that name.
    package subscript(_ step: String) -> Self { Self(column: column, steps: steps + [step]) }

    private func found(_ sqliteOperator: String) -> SQL {
        let path = "$" + steps.map { "." + $0.quoted("\"") }.joined()
        let list = "{" + steps.map(Self.element).joined(separator: ",") + "}"
        return .either(
            sqlite: column + .text(" \(sqliteOperator) " + path.quoted("'")),
            postgres: column + .text(" #> " + list.quoted("'")))
    }

    /// An element of PostgreSQL's array literal.
    private static func element(_ step: String) -> String {
        "\"" + step.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
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
