package import DibsCore
package import DibsData
internal import DibsSchema

/// The settings made once for a database: the secret it is under, and its first admin.
enum Installation {
    private static let fingerprint = "secret_fingerprint"
    /// The setting in which versions before the key file kept a secret in clear.
    private static let formerSecret = "token_secret"

    /// The fingerprint that is kept; nil in a database that no server has opened yet.
    static func keptFingerprint(in session: some Session) throws -> String? {
        try session.rows("SELECT value FROM settings WHERE name = \(fingerprint)", as: String.self)
            .first
    }

    /// Keeps the fingerprint of the first server's secret; throws `secret_mismatch` for a server
    /// that has another one, for its tokens and seals would be worth nothing to the others.
    static func hold(to secret: ServerSecret, in tx: Transaction) throws {
        try tx.execute("DELETE FROM settings WHERE name = \(formerSecret)")
        try tx.execute(
            """
            INSERT INTO settings (name, value) VALUES (\(fingerprint), \(secret.fingerprint))
            ON CONFLICT (name) DO NOTHING
            """)
        guard try keptFingerprint(in: tx) == secret.fingerprint else { throw mismatch }
    }

    /// Throws `secret_mismatch` for another secret than the one it was set up under; keeps nothing.
    static func check(_ secret: ServerSecret, in session: some Session) throws {
        let kept = try keptFingerprint(in: session)
        if let kept, kept != secret.fingerprint { throw mismatch }
    }

    private static var mismatch: DibsError {
        DibsError(
            .secretMismatch, "The database was set up under another secret.",
            hint: "Start with the secret file of the server that made it (--secret-file); "
                + "it is copied with the database.")
    }
}

extension Database {
    /// Whether a migrated database was set up under a secret, which must not be made anew then.
    package func hasSecret() async throws -> Bool {
        try await translatingErrors {
            try await read { try Installation.keptFingerprint(in: $0) != nil }
        }
    }

    /// Throws `secret_mismatch` when a migrated database was set up under another secret.
    package func check(_ secret: ServerSecret) async throws {
        try await translatingErrors { try await read { try Installation.check(secret, in: $0) } }
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

    /// Whether a key opens an account that is an admin's and open.
    package func isAdmin(_ key: Credential) async throws -> Bool {
        let hash = key.hash
        return try await translatingErrors {
            let found = try await Account.where {
                $0.keyHash == hash; $0.level == .admin; $0.closedAt == nil
            }
            .first(in: database)
            return found != nil
        }
    }

    /// Gives the oldest open admin another key, for who has lost the only one; nil when there is
    /// no account at all.
    ///
    /// There is no caller to prove: whoever has the database and its secret is the operator.
    package func renewAdminKey() async throws -> AccountWithKey? {
        try await translatingErrors {
            try await database.write { tx in
                let admins = try Account.where {
                    $0.level == .admin; $0.closedAt == nil
                }
                .order { $0.createdAt }.limit(1).all(in: tx)
                guard let admin = admins.first else { return nil }
                return try AccountStore.rotateKey(of: admin, to: .newKey(), in: tx)
            }
        }
    }
}
