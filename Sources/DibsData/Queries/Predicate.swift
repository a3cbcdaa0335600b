/// A condition on a record's columns.
package struct Predicate<Root: TableRecord>: Sendable {
    let sql: SQL

    /// Both.
    package static func && (a: Self, b: Self) -> Self { Self(sql: "(\(a.sql) AND \(b.sql))") }
    /// One of them, or both.
    package static func || (a: Self, b: Self) -> Self { Self(sql: "(\(a.sql) OR \(b.sql))") }
    /// Not this one.
    package static prefix func ! (a: Self) -> Self { Self(sql: "NOT (\(a.sql))") }
}

/// Each line is a condition, and all must hold; `if let` leaves a filter out.
///
/// Lines rather than a long `&&`: a misspelt case is an error at its column, in a tenth of a
/// second.
@resultBuilder package enum AllOf<Root: TableRecord> {
    package static func buildExpression(_ one: Predicate<Root>) -> [SQL] { [one.sql] }
    package static func buildExpression(_ sql: SQL) -> [SQL] { [sql] }
    package static func buildExpression(_ flag: Expr<Root, Bool>) -> [SQL] { [flag.sql] }
    package static func buildBlock(_ all: [SQL]...) -> [SQL] { all.flatMap(\.self) }
    package static func buildOptional(_ some: [SQL]?) -> [SQL] { some ?? [] }
    package static func buildEither(first: [SQL]) -> [SQL] { first }
    package static func buildEither(second: [SQL]) -> [SQL] { second }
    package static func buildFinalResult(_ all: [SQL]) -> Predicate<Root> {
        Predicate(sql: all.joined(" AND "))
    }
}

extension Expr {
    /// Swift's equality, not SQL's: nil equals nil.
    package static func == (a: Self, b: Value) -> Predicate<Root> {
        if case .null = b.binding { return .init(sql: a.sql + " IS NULL") }
        return .init(sql: "\(a.sql) = \(b)")
    }

    /// Swift's inequality, not SQL's: nil differs from a value.
    package static func != (a: Self, b: Value) -> Predicate<Root> {
        if case .null = b.binding { return .init(sql: a.sql + " IS NOT NULL") }
        guard Value.isNullable else { return .init(sql: "\(a.sql) <> \(b)") }
        return .init(
            sql: a.sql + .either(sqlite: " IS NOT ", postgres: " IS DISTINCT FROM ") + .value(b))
    }

    /// Whether two columns hold the same value; false when one is NULL.
    package static func == (a: Self, b: Self) -> Predicate<Root> {
        .init(sql: "\(a.sql) = \(b.sql)")
    }

    /// Whether it is one of a set.
    package func `in`(_ values: some Collection<Value>) -> Predicate<Root> {
        .init(sql: sql + keySet(Array(values)))
    }

    /// Whether it is one of what a subquery finds.
    package func `in`(_ select: SQL) -> Predicate<Root> { .init(sql: "\(sql) IN (\(select))") }
}

extension Expr where Value: Comparable {
    package static func < (a: Self, b: Value) -> Predicate<Root> { .init(sql: "\(a.sql) < \(b)") }
    package static func <= (a: Self, b: Value) -> Predicate<Root> {
        .init(sql: "\(a.sql) <= \(b)")
    }
    package static func > (a: Self, b: Value) -> Predicate<Root> { .init(sql: "\(a.sql) > \(b)") }
    package static func >= (a: Self, b: Value) -> Predicate<Root> {
        .init(sql: "\(a.sql) >= \(b)")
    }
    package static func < (a: Self, b: Self) -> Predicate<Root> {
        .init(sql: "\(a.sql) < \(b.sql)")
    }
}

extension Expr {
    /// False when the column is NULL, as the next three.
    package static func < <W: Comparable>(a: Self, b: W) -> Predicate<Root> where Value == W? {
        .init(sql: "\(a.sql) < \(b)")
    }
    package static func <= <W: Comparable>(a: Self, b: W) -> Predicate<Root> where Value == W? {
        .init(sql: "\(a.sql) <= \(b)")
    }
    package static func > <W: Comparable>(a: Self, b: W) -> Predicate<Root> where Value == W? {
        .init(sql: "\(a.sql) > \(b)")
    }
    package static func >= <W: Comparable>(a: Self, b: W) -> Predicate<Root> where Value == W? {
        .init(sql: "\(a.sql) >= \(b)")
    }
}
