/// A column: its name, its place in the record, and what the database knows about it.
///
/// Its Swift type says the rest: an optional may be NULL, an enumeration gets a CHECK of its cases,
/// the id of another record a foreign key.
package struct Column<Root, Value: SQLValue>: Sendable {
    let name: String
    let path: any KeyPath<Root, Value> & Sendable
    let fallback: Default<Value>?
    let check: String?
    let unique: Bool
    let onDelete: String?
    let primaryKey: Bool
    let foreignKey: Bool
    let generated: SQL?
    let identity: Bool

    /// A column of a table.
    ///
    /// - `default` is what an insert that does not say gets.
    /// - `check` is SQL over this column, the same on both engines.
    /// - `onDelete` is what becomes of the row when the one it points to goes: `CASCADE`, …
    /// - `primaryKey` on several columns makes one key of them; `id` is one by itself.
    /// - `foreignKey: false` keeps an id without a constraint.
    /// - `generated` is what the database computes on every write; it is never written.
    /// - `identity` numbers the rows as they come and never uses a number again.
    package init(
        _ name: String, _ path: any KeyPath<Root, Value> & Sendable,
        default fallback: Default<Value>? = nil, primaryKey: Bool = false, check: String? = nil,
        unique: Bool = false, onDelete: String? = nil, foreignKey: Bool = true,
        generated: SQL? = nil, identity: Bool = false
    ) {
        self.name = name
        self.path = path
        self.fallback = fallback
        self.check = check
        self.unique = unique
        self.onDelete = onDelete
        self.primaryKey = primaryKey || name == "id"
        self.foreignKey = foreignKey && name != "id"
        self.generated = generated
        self.identity = identity
    }

    /// The expression that stands for the column in a statement that does not read it: its default,
    /// or NULL.
    var blank: SQL {
        let type = Value.kind.type(on: .postgres)
        guard let fallback else { return .text("NULL") }
        return .either(
            sqlite: .text(fallback.sql(on: .sqlite)),
            postgres: .text("CAST(\(fallback.sql(on: .postgres)) AS \(type.prefix { $0 != " " }))"))
    }

    /// Its line in CREATE TABLE; `isWholeKey` when it alone is the primary key.
    func ddl(on dialect: Dialect, isWholeKey: Bool) -> String {
        if identity {
            return dialect == .sqlite
                ? "\(name) INTEGER PRIMARY KEY AUTOINCREMENT"
                : "\(name) bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        }
        var words = [name, Value.kind.type(on: dialect)]
        if isWholeKey { words.append("PRIMARY KEY") }
        if !Value.isNullable { words.append("NOT NULL") }
        if let generated {
            words.append("GENERATED ALWAYS AS (\(RenderedSQL(generated, on: dialect).text)) STORED")
        }
        if let fallback { words.append("DEFAULT \(fallback.sql(on: dialect))") }
        if unique { words.append("UNIQUE") }
        let cases = Value.cases.map { texts in
            "\(name) IN (\(texts.map { $0.quoted("'") }.joined(separator: ", ")))"
        }
        for check in [Value.kind.check(name, on: dialect), cases, check].compactMap(\.self) {
            words.append("CHECK (\(check))")
        }
        if foreignKey, let target = Value.target {
            words.append("REFERENCES \(target.tableName) (id)")
            if let onDelete { words.append("ON DELETE \(onDelete)") }
        }
        return words.joined(separator: " ")
    }
}
