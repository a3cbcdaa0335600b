package import DibsCore
internal import DibsData
internal import DibsSchema

/// What is settled once for a database: whose secret it is under, and its first admin.
enum Installation {
    private static let fingerprint = "secret_fingerprint"
    /// Where versions before the key file kept a secret in clear.
    private static let formerSecret = "token_secret"

    /// Keeps the fingerprint of the first server's secret; throws `secret_mismatch` for a server
    /// that has another one, for its tokens and seals would be worth nothing to the others.
    static func hold(to secret: ServerSecret, in tx: Transaction) throws {
        try tx.execute("DELETE FROM settings WHERE name = \(formerSecret)")
        try tx.execute(
            """
            INSERT INTO settings (name, value) VALUES (\(fingerprint), \(secret.fingerprint))
            ON CONFLICT (name) DO NOTHING
            """)
        let kept = try tx.rows(
            "SELECT value FROM settings WHERE name = \(fingerprint)", as: String.self)
        guard kept.first == secret.fingerprint else {
            throw DibsError(
                .secretMismatch, "The database was set up under another secret.",
                hint: "Start with the secret file of the server that made it (--secret-file); "
                    + "it is copied with the database.")
        }
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
