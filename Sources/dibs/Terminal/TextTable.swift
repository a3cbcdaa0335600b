/// Rows in columns, for people.
struct TextTable {
    private let header: [String]
    private var rows: [[String]] = []

    init(_ header: String...) { self.header = header }

    mutating func add(_ cells: String?...) { rows.append(cells.map { $0 ?? "–" }) }

    /// A line a row, without spaces at their ends; with no rows, what is said instead.
    func text(orNone none: String) -> String {
        guard !rows.isEmpty else { return none }
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        let lines = ([header.map { $0.uppercased() }] + rows).map { cells in
            zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            .joined(separator: "  ").trimmingSuffix(while: { $0 == " " })
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate func trimmingSuffix(while isCut: (Character) -> Bool) -> String {
        String(reversed().drop(while: isCut).reversed())
    }

    /// At most so many characters, the last an ellipsis when there were more.
    func shortened(to count: Int) -> String {
        self.count <= count ? self : prefix(count - 1) + "…"
    }
}
