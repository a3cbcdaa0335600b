extension Database {
    /// Finds the parts of the live schema that differ from the declared one, a line each; empty
    /// when nothing does.
    ///
    /// The declared tables are made in a scratch database and both catalogues are compared, so that
    /// the engine itself says what a declaration means.
    package func schemaDrift(from tables: [AnyTable]) async throws -> [String] {
        let declared = try await scratch { tx in
            for statement in tables.flatMap({ $0.ddl(tx.dialect) }) { try tx.script(statement) }
            return try Catalogue.lines(in: tx)
        }
        let live = try await read { try Catalogue.lines(in: $0) }
        return declared.subtracting(live).sorted().map { "missing here: \($0)" }
            + live.subtracting(declared).sorted().map { "not declared: \($0)" }
    }
}

/// A schema from the engine's catalogue, as lines that can be compared.
private enum Catalogue {
    static func lines(in session: some Session) throws -> Set<String> {
        let sql = session.connection.dialect == .sqlite ? sqlite : postgres
        let lines = try session.rows(sql, as: String.self) + checks(in: session)
        return Set(lines.map(oneLine).filter { !$0.contains("schema_migrations") })
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .replacing("( ", with: "(")
    }

    private static let sqlite: SQL = """
        SELECT t.name || '.' || c.name || ' ' || c.type || ' notnull ' || c."notnull"
            || ' key ' || c.pk || ' hidden ' || c.hidden
            || ' default ' || coalesce(c.dflt_value, '-')
        FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'
        UNION ALL
        SELECT t.name || ' refers ' || f."from" || ' to ' || f."table" || ' ' || f.on_delete
        FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
        UNION ALL
        SELECT t.name || ' index ' || i.name || ' unique ' || i."unique" || ' on ' || (
            SELECT group_concat(coalesce(x.name, '?') || ' ' || x."desc")
            FROM pragma_index_xinfo(i.name) x WHERE x.key = 1)
            || coalesce((SELECT substr(sql, instr(sql, ' WHERE '))
                FROM sqlite_schema s WHERE s.name = i.name AND i.partial = 1), '')
        FROM sqlite_schema t JOIN pragma_index_list(t.name) i WHERE t.type = 'table'
        """

    private static let postgres: SQL = """
        WITH here AS (SELECT oid, relname, relkind FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace),
        lines AS (
            SELECT h.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                || coalesce(' ' || nullif(l.collname, 'default'), '')
                || ' identity ' || a.attidentity::text || ' generated ' || a.attgenerated::text
                || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
                || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
            FROM here h JOIN pg_attribute a ON a.attrelid = h.oid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN pg_collation l ON l.oid = a.attcollation
            WHERE h.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT h.relname || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
            FROM here h JOIN pg_constraint c ON c.conrelid = h.oid
            UNION ALL
            SELECT pg_get_indexdef(i.indexrelid)
            FROM here h JOIN pg_index i ON i.indexrelid = h.oid)
        SELECT replace(line, current_schema() || '.', '') FROM lines
        """

    /// SQLite has no catalogue of its CHECKs: they are cut out of the table's own text.
    private static func checks(in session: some Session) throws -> [String] {
        guard session.connection.dialect == .sqlite else { return [] }
        let tables = try session.rows(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL",
            as: String.self, String.self)
        return tables.flatMap { name, sql in
            sql.split(separator: "CHECK").dropFirst().map { "\(name) CHECK \(parenthesised($0))" }
        }
    }

    private static func parenthesised(_ text: Substring) -> String {
        var depth = 0
        var found = ""
        for letter in text {
            if letter == "(" { depth += 1 }
            if depth > 0 { found.append(letter) }
            if letter == ")" {
                depth -= 1
                if depth == 0 { break }
            }
        }
        return found
    }
}
