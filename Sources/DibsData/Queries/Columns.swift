/// The columns of a record, by its properties: `$0.status`.
@dynamicMemberLookup
package struct Columns<Root: TableRecord>: Sendable {
    /// An index names its columns without their table.
    let qualified: Bool

    init(qualified: Bool = true) { self.qualified = qualified }

    /// The column of a property.
    package subscript<V: SQLValue>(dynamicMember path: KeyPath<Root, V>) -> Expr<Root, V> {
        let field = Root.table.field(of: path)
        return Expr(.text(qualified ? field.qualified : field.name), column: field.index)
    }
}

/// An SQL expression over a record's columns, with its Swift type.
package struct Expr<Root: TableRecord, Value: SQLValue>: Sendable {
    let sql: SQL
    /// Which column it is, when it is one.
    let column: Int?

    init(_ sql: SQL, column: Int? = nil) { (self.sql, self.column) = (sql, column) }

    /// A value written into the text, as an index's predicate needs it; never for input.
    package static func literal(_ value: Value) -> Self {
        Self(
            .either(
                sqlite: .text(value.binding.literal(on: .sqlite)),
                postgres: .text(value.binding.literal(on: .postgres))))
    }

    /// Small ones first.
    package var ascending: Order<Root> { Order(plain: sql, isDescending: false, column: column) }
    /// Large ones first.
    package var descending: Order<Root> { Order(plain: sql, isDescending: true, column: column) }
}

/// One term of an order.
package struct Order<Root: TableRecord>: Sendable {
    let plain: SQL
    let isDescending: Bool
    let column: Int?

    var sql: SQL { isDescending ? plain + " DESC" : plain }
}

/// Each line is a term; a bare column ascends.
@resultBuilder package enum InOrder<Root: TableRecord> {
    package static func buildExpression(_ term: Order<Root>) -> Order<Root> { term }
    package static func buildExpression<V>(_ column: Expr<Root, V>) -> Order<Root> {
        column.ascending
    }
    package static func buildBlock(_ terms: Order<Root>...) -> [Order<Root>] { terms }
}
