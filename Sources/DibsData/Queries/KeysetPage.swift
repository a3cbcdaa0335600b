internal import DibsJSON

/// A part of a list that goes on where the last row stood, and not at a number of rows: a row that
/// comes or goes in between moves no other, and the thousandth page costs what the first does.
package struct KeysetPage<Root: TableRecord>: Sendable {
    /// The rows in order.
    package let items: [Root]
    /// Pass it as `after` to go on; nil at the end.
    package let next: String?
}

extension Query where Root: Entity {
    /// The rows after a cursor, at most `limit`.
    ///
    /// Terms of the order must be columns that are never NULL; the id breaks ties. Throws
    /// `badCursor` for a cursor that is not of this list.
    package func page(
        after cursor: String?, limit: Int, in session: some Session
    ) throws -> KeysetPage<Root> {
        let keyset = Keyset(selection.orders)
        var query = self
        query.selection.orders = keyset.terms
        query.selection.limit = limit + 1
        if let cursor {
            query.selection.filters.append(keyset.after(try keyset.decode(cursor)))
        }
        let rows = try query.all(in: session)
        guard rows.count > limit, let last = rows.dropLast().last else {
            return KeysetPage(items: rows, next: nil)
        }
        return KeysetPage(items: rows.dropLast(), next: keyset.cursor(of: last))
    }
}

/// An order made total by the id, and the places in it.
private struct Keyset<Root: Entity> {
    let terms: [Order<Root>]
    private let fields: [Table<Root>.Field]

    init(_ orders: [Order<Root>]) {
        guard let id = Root.table.fields.first(where: { $0.name == "id" }) else {
            preconditionFailure("\(Root.tableName) has no column id")
        }
        let isDescending = orders.last?.isDescending == true
        let tie = Order<Root>(
            plain: .text(id.qualified), isDescending: isDescending, column: id.index)
        let terms = orders + [tie]
        fields = terms.map { term in
            guard let column = term.column, !Root.table.fields[column].isNullable else {
                preconditionFailure("a page is ordered by columns that are never NULL")
            }
            return Root.table.fields[column]
        }
        self.terms = terms
    }

    /// The fingerprint that tells this list from another one.
    private var signature: String {
        Root.tableName + terms.map { " \($0.column ?? 0)\($0.isDescending ? "-" : "+")" }.joined()
    }

    func cursor(of row: Root) -> String {
        let values = Root.table.encode(row)
        let texts = fields.map { JSON.string(Cursor.text(values[$0.index])) }
        return Cursor.text(of: JSON.array([.string(signature)] + texts).canonicalBytes)
    }

    /// The places in a cursor; throws `badCursor` for one that `cursor(of:)` cannot have made.
    func decode(_ cursor: String) throws -> [SQLBinding] {
        guard cursor.utf8.count <= Cursor.limit, let bytes = Cursor.bytes(of: cursor),
            case .array(let parts)? = try? JSON.parse(bytes),
            parts.count == fields.count + 1, parts[0].string == signature
        else { throw Self.bad }
        return try zip(fields, parts.dropFirst()).map { field, part in
            guard let text = part.string, let value = Cursor.binding(text, field.kind) else {
                throw Self.bad
            }
            return value
        }
    }

    private static var bad: DataError { DataError(.badCursor, "the cursor is not of this list") }

    /// Row values where all terms go one way, which both engines answer from the index.
    func after(_ values: [SQLBinding]) -> SQL {
        let isDescending = terms[0].isDescending
        if terms.allSatisfy({ $0.isDescending == isDescending }) {
            let columns = terms.map(\.plain).joined(", ")
            let bound = values.map { SQL.bound($0) }.joined(", ")
            return "(\(columns)) \(.text(isDescending ? "<" : ">")) (\(bound))"
        }
        let cases = terms.indices.map { index -> SQL in
            let equal = (0..<index).map { "\(terms[$0].plain) = \(SQL.bound(values[$0]))" as SQL }
            let sign = SQL.text(terms[index].isDescending ? "<" : ">")
            return (equal + ["\(terms[index].plain) \(sign) \(SQL.bound(values[index]))"])
                .joined(" AND ")
        }
        return "(" + cases.joined(" OR ") + ")"
    }
}
