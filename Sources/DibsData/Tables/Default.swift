/// A value that the database makes when an insert does not say.
package struct Default<V: SQLValue>: Sendable {
    let sqlite: String
    let postgres: String

    func sql(on dialect: Dialect) -> String { dialect == .sqlite ? sqlite : postgres }

    /// A constant.
    package static func value(_ value: V) -> Self {
        Self(
            sqlite: value.binding.literal(on: .sqlite),
            postgres: value.binding.literal(on: .postgres))
    }
}

extension Default where V: Key {
    /// A version 4 UUID made by the database (RFC 9562, section 5.4).
    ///
    /// SQLite 3.40 has no function for one: 16 random bytes, of which the seventh gets the version
    /// and the ninth the variant by picking a byte from a list of all that are allowed.
    package static var random: Self {
        let variants = (0x80...0xBF).map { String($0, radix: 16) }.joined()
        return Self(
            sqlite: """
                (CAST(randomblob(6) \
                || substr(x'404142434445464748494a4b4c4d4e4f', 1 + (random() & 15), 1) \
                || randomblob(1) || substr(x'\(variants)', 1 + (random() & 63), 1) \
                || randomblob(7) AS BLOB))
                """,
            postgres: "gen_random_uuid()")
    }
}
