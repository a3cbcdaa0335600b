internal import DibsCore

/// Rows in columns, for people; a cell is one line, whatever is in it.
struct TextTable {
    private let header: [String]
    private var rows: [[String]] = []

    init(_ header: String...) { self.header = header }

    mutating func add(_ cells: String?...) {
        rows.append(cells.map { $0?.asLine ?? "–" })
    }

    /// A line a row, without spaces at their ends; with no rows, what is said instead.
    func text(orNone none: String) -> String {
        guard !rows.isEmpty else { return none }
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].columns }.max() ?? 0
        }
        let lines = ([header.map { $0.uppercased() }] + rows).map { cells in
            zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.columns)
            }
            .joined(separator: "  ").trimmingSuffix(while: { $0 == " " })
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// So many columns of a terminal it takes.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    fileprivate func trimmingSuffix(while isCut: (Character) -> Bool) -> String {
        String(reversed().drop(while: isCut).reversed())
    }

    /// The text on one line, with what would steer the terminal written out.
    var asLine: String { escaped(keepingLines: false) }

    /// The text with its lines after the first moved to the right, so that none of them looks like
    /// a line of the program's own.
    func indented(by count: Int) -> String {
        replacing("\n", with: "\n" + String(repeating: " ", count: count))
    }

    /// At most so many characters, the last an ellipsis when there were more.
    func shortened(to count: Int) -> String {
        self.count <= count ? self : prefix(count - 1) + "…"
    }
}

extension Character {
    /// Two for the wide letters of East Asia and for emoji, none for what only marks another.
    fileprivate var columns: Int { unicodeScalars.map(\.columns).max() ?? 0 }
}

extension Unicode.Scalar {
    fileprivate var columns: Int {
        switch value {
        case 0x20...0x2FF: 1
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            2
        default:
            switch properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: 0
            default: 1
            }
        }
    }
}
