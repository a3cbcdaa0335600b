package import DibsCore
internal import DibsData
internal import DibsSchema

/// What is made once for a database: its secret and its first admin.
enum Installation {
    private static let secretName = "token_secret"

    /// The secret of worker tokens, made by whoever comes first.
    static func tokenSecret(in tx: Transaction) throws -> String {
        let fresh = Credential.newKey().secret
        try tx.execute(
            """
            INSERT INTO settings (name, value) VALUES (\(secretName), \(fresh))
            ON CONFLICT (name) DO NOTHING
            """)
        let found = try tx.rows(
            "SELECT value FROM settings WHERE name = \(secretName)", as: String.self)
        guard let secret = found.first else {
            throw DataError(.missing, "the installation's secret was not kept")
        }
        return secret
    }
}

extension Engine {
    /// Makes the first admin account of an empty database; nil when there are accounts already.
    ///
    /// The key is the one given, or a new one; it is told this once.
    package func makeFirstAdmin(key: Credential?) async throws -> AccountWithKey? {
        try await translatingErrors {
            try await database.write { tx in
                let some = try tx.rows("SELECT id FROM accounts LIMIT 1", as: Account.ID.self)
                guard some.isEmpty else { return nil }
                let new = NewAccount(name: "admin", level: .admin)
                return try AccountStore.insert(new, key: key ?? .newKey(), in: tx)
            }
        }
    }
}
