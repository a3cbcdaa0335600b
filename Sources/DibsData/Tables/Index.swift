/// An index with a name; with a `where` it holds only the rows that fit.
package struct Index<Root: TableRecord>: Sendable {
    let name: String
    private let unique: Bool
    private let terms: @Sendable (Columns<Root>) -> [Order<Root>]
    private let filter: @Sendable (Columns<Root>) -> Predicate<Root>

    /// An index on columns in an order; its predicate may hold only literals.
    package init(
        _ name: String, unique: Bool = false,
        @InOrder<Root> on terms: @escaping @Sendable (Columns<Root>) -> [Order<Root>],
        @AllOf<Root> where filter: @escaping @Sendable (Columns<Root>) -> Predicate<Root> = {
            _ in Predicate(sql: .empty)
        }
    ) {
        (self.name, self.unique, self.terms, self.filter) = (name, unique, terms, filter)
    }

    func ddl(on dialect: Dialect) -> String {
        let here = Columns<Root>(qualified: false)
        let columns = terms(here).map { RenderedSQL($0.sql, on: dialect).text }
        let predicate = RenderedSQL(filter(here).sql, on: dialect)
        precondition(predicate.isWithoutParameters, "\(name): a predicate holds literals only")
        return "CREATE \(unique ? "UNIQUE " : "")INDEX \(name) ON \(Root.tableName)"
            + " (\(columns.joined(separator: ", ")))"
            + (predicate.text.isEmpty ? "" : " WHERE " + predicate.text)
    }
}
