/// One numbered step of the schema, both engines side by side; never edited after a release.
package struct Migration: Sendable {
    /// Its number and what it does: `0001_initial`.
    package let name: String
    /// Statements for SQLite.
    package let sqlite: String
    /// Statements for PostgreSQL.
    package let postgres: String

    /// A step.
    package init(_ name: String, sqlite: String, postgres: String) {
        (self.name, self.sqlite, self.postgres) = (name, sqlite, postgres)
    }

    func sql(on dialect: Dialect) -> String { dialect == .sqlite ? sqlite : postgres }

    /// FNV-1a of both texts (64 bits): a change to either side is a change.
    var checksum: Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in (sqlite + "\0" + postgres).utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Int(Int64(bitPattern: hash))
    }
}

extension Database {
    /// Brings the schema up to date in one transaction, under a lock; answers the names it ran.
    ///
    /// Throws `migration` when one that ran is missing here or has another text, `foreign` when the
    /// tables there are another program's, and `denied` when the user may not make any; nothing has
    /// changed then. A user that may make no tables can serve what another one has migrated.
    @discardableResult
    package func migrate(_ migrations: [Migration]) async throws -> [String] {
        if try await pendingMigrations(of: migrations).isEmpty { return [] }
        let ran = try await write { tx in
            try tx.liftTimeLimits()
            try tx.lockMigrations()
            try tx.needSchema()
            try tx.script(tx.dialect == .sqlite ? History.sqlite : History.postgres)
            let left = try History.pending(migrations, in: tx)
            for migration in left {
                do { try tx.script(migration.sql(on: tx.dialect)) } catch let error as DataError {
                    guard error.isTakenName else { throw error }
                    throw DataError(
                        .foreign, "\(migration.name): \(error.message)", sqlState: error.sqlState)
                }
                try tx.execute(
                    """
                    INSERT INTO schema_migrations (name, checksum)
                    VALUES (\(migration.name), \(migration.checksum))
                    """)
            }
            return left.map(\.name)
        }
        // Without statistics SQLite takes another index for the claim's order. PostgreSQL gathers
        // its own, and its ANALYZE would lock every table of the database, other schemas' too.
        if !ran.isEmpty {
            try await write { if $0.dialect == .sqlite { try $0.script("ANALYZE") } }
        }
        return ran
    }

    /// The names of the migrations that have not run; throws `migration` and `foreign` as `migrate`
    /// does.
    package func pendingMigrations(of migrations: [Migration]) async throws -> [String] {
        try await read { snapshot in
            guard try History.exists(in: snapshot) else {
                try snapshot.needOwnFile()
                return migrations.map(\.name)
            }
            return try History.pending(migrations, in: snapshot).map(\.name)
        }
    }
}

extension Transaction {
    /// SQLite has one writer; on PostgreSQL a lock of this transaction keeps a second server out.
    fileprivate func lockMigrations() throws {
        guard dialect == .postgres else { return }
        _ = try rows("SELECT pg_advisory_xact_lock(7171)::text", as: String.self)
    }

    /// Throws unless there is a place for tables: on SQLite a file that holds none of another
    /// program, on PostgreSQL a schema where the user may make some.
    fileprivate func needSchema() throws {
        guard dialect == .postgres else {
            if try !History.exists(in: self) { try needOwnFile() }
            return
        }
        let found = try rows(
            """
            SELECT current_schema(), current_user::text, current_setting('search_path'),
                coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
            """, as: String?.self, String.self, String.self, Bool.self)
        guard let (schema, user, path, mayCreate) = found.first, !mayCreate else { return }
        let name = (schema ?? "public").replacing("\"", with: "\"\"")
        let role = user.replacing("\"", with: "\"\"")
        throw DataError(
            .denied,
            "The user may make no tables (search_path \(path)). Let its owner run: "
                + "GRANT USAGE, CREATE ON SCHEMA \"\(name)\" TO \"\(role)\"")
    }
}

extension Session {
    /// Throws `foreign` for a SQLite file without a history that another program has set up: it
    /// holds something, or is marked as that program's.
    fileprivate func needOwnFile() throws {
        guard connection.dialect == .sqlite else { return }
        let found = try rows("SELECT name FROM sqlite_schema LIMIT 1", as: String.self)
        if let name = found.first { throw DataError(.foreign, "the file holds \(name)") }
        let marks = try rows(
            """
            SELECT application_id, user_version FROM pragma_application_id, pragma_user_version
            """, as: Int.self, Int.self)
        guard marks.allSatisfy({ $0 == (0, 0) }) else {
            throw DataError(.foreign, "the file has the mark of another program")
        }
    }
}

extension DataError {
    /// A table or another thing of that name is there already.
    fileprivate var isTakenName: Bool {
        sqlState == "42P07" || code == .engine && message.hasSuffix("already exists")
    }
}

/// The migrations that ran, as the database remembers them.
private enum History {
    static let sqlite = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            name TEXT PRIMARY KEY NOT NULL, checksum INTEGER NOT NULL,
            ran_at TEXT NOT NULL DEFAULT (datetime('now'))) STRICT
        """

    /// SQLite has the merge patch of RFC 7396 itself.
    static let postgres = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            name text PRIMARY KEY, checksum bigint NOT NULL,
            ran_at timestamptz NOT NULL DEFAULT now());
        CREATE OR REPLACE FUNCTION json_merge_patch(target jsonb, patch jsonb)
        RETURNS jsonb LANGUAGE sql IMMUTABLE AS $body$
            SELECT CASE WHEN jsonb_typeof(patch) <> 'object' THEN patch ELSE (
                SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM (
                    SELECT coalesce(t.key, p.key) AS key,
                        CASE WHEN p.key IS NULL THEN t.value
                            ELSE json_merge_patch(t.value, p.value) END AS value
                    FROM jsonb_each(
                        CASE WHEN jsonb_typeof(target) = 'object' THEN target ELSE '{}' END) t
                    FULL JOIN jsonb_each(patch) p ON p.key = t.key
                    WHERE p.value IS NULL OR p.value <> 'null') merged) END
        $body$
        """

    /// Whether it is there; throws `foreign` when another program keeps its own under that name.
    static func exists(in session: some Session) throws -> Bool {
        let columns: SQL = .either(
            sqlite: "SELECT name FROM pragma_table_info('schema_migrations')",
            postgres: """
                SELECT attname FROM pg_attribute
                WHERE attrelid = to_regclass('schema_migrations') AND attnum > 0
                """)
        let found = try session.rows(columns, as: String.self)
        guard found.isEmpty || found.contains("checksum") else {
            throw DataError(.foreign, "schema_migrations is another program's")
        }
        return !found.isEmpty
    }

    static func pending(
        _ migrations: [Migration], in session: some Session
    ) throws -> ArraySlice<Migration> {
        let known = try session.rows(
            "SELECT name, checksum FROM schema_migrations ORDER BY name", as: String.self, Int.self)
        for (index, (name, checksum)) in known.enumerated() {
            guard index < migrations.count, migrations[index].name == name else {
                throw DataError(.migration, "\(name) ran here and is not known to this version")
            }
            guard migrations[index].checksum == checksum else {
                throw DataError(.migration, "\(name) was changed after it ran here")
            }
        }
        return migrations.dropFirst(known.count)
    }
}
