internal import DibsData

extension Migrations {
    /// Things runners noticed and could not help.
    static let warnings = Migration(
        "0009_warnings",
        sqlite: """
            ALTER TABLE workers ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]'
                CHECK (warnings IS NULL OR json_valid(warnings));
            """,
        postgres: """
            ALTER TABLE workers ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]';
            """)
}
