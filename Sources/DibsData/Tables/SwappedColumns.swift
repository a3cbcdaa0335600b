internal import Foundation

/// Two columns of one type that were swapped between a table and its record's initializer compile.
/// A row whose every column holds its own number finds them: it must come back as it was.
extension Table {
    func swappedColumns() throws -> [String] {
        let row = NumberedRow(fields: fields.map { ($0.kind, $0.cases) })
        var reader = RowReader(row)
        let found = try encode(decode(&reader))
        return fields.filter { field in
            field.cases == nil && field.kind != .bool && field.kind != .json
                && found[field.index] != row.binding(field.index, field.kind)
        }
        .map(\.name)
    }
}

private final class NumberedRow: RowSource {
    private let fields: [(kind: SQLKind, cases: [String]?)]

    init(fields: [(SQLKind, [String]?)]) { self.fields = fields }

    func binding(_ column: Int, _ kind: SQLKind) -> SQLBinding {
        switch kind {
        case .bool: .bool(true)
        case .integer: .integer(Int64(column))
        case .real: .real(Double(column))
        case .text: .text("\(column)")
        case .blob: .blob([UInt8(column)])
        case .uuid: .uuid(uuid(column))
        case .timestamp: .timestamp(microseconds: microseconds(column))
        case .decimal: .decimal(nanos: Int64(column))
        case .json: .json("{}")
        }
    }

    func isNull(_ column: Int) -> Bool { fields[column].kind == .json }
    func bool(_ column: Int) -> Bool { true }
    func integer(_ column: Int) -> Int64 { Int64(column) }
    func real(_ column: Int) -> Double { Double(column) }
    func text(_ column: Int) -> String { fields[column].cases?.first ?? "\(column)" }
    func blob(_ column: Int) -> [UInt8] { [UInt8(column)] }
    func microseconds(_ column: Int) -> Int64 { Int64(column) * 1000 }
    func nanos(_ column: Int) -> Int64 { Int64(column) }

    func uuid(_ column: Int) -> UUID {
        UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(column)))
    }

    func json<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
        for text in ["{}", "[]"] {
            if let value = try? Array(text.utf8).withUnsafeBytes(body) { return value }
        }
        return try Array("null".utf8).withUnsafeBytes(body)
    }
}
