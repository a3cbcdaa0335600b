internal import DibsData

/// The numbers PostgreSQL gives its types (`pg_type.dat`, the same in every version).
enum PostgresType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let float8: UInt32 = 701
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let timestamptz: UInt32 = 1184
    static let numeric: UInt32 = 1700
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802

    static func of(_ kind: SQLKind) -> UInt32 {
        switch kind {
        case .bool: bool
        case .integer: int8
        case .real: float8
        case .text: text
        case .blob: bytea
        case .uuid: uuid
        case .timestamp: timestamptz
        case .decimal: numeric
        case .json: jsonb
        }
    }

    static func array(of kind: SQLKind) -> UInt32 {
        switch kind {
        case .bool: 1000
        case .integer: 1016
        case .real: 1022
        case .text: 1009
        case .blob: 1001
        case .uuid: 2951
        case .timestamp: 1185
        case .decimal: 1231
        case .json: 3807
        }
    }

    static func of(_ value: SQLBinding) -> UInt32 {
        if case .array(_, let kind) = value { return array(of: kind) }
        return of(value.kind)
    }

    /// Microseconds from 1970 to 2000, where PostgreSQL's times begin.
    static let epoch: Int64 = 946_684_800_000_000
}
