internal import DibsData

extension Migrations {
    /// Edges that are counted down one by one, so that a task may be waited for by any number.
    static let bounds = Migration(
        "0008_bounds",
        sqlite: """
            ALTER TABLE task_dependencies ADD COLUMN is_open INTEGER NOT NULL DEFAULT 1
                CHECK (is_open IN (0, 1));
            UPDATE task_dependencies SET is_open = 0
                WHERE depends_on_id IN (SELECT id FROM tasks WHERE status = 'completed');
            CREATE INDEX task_dependencies_open_idx
                ON task_dependencies (depends_on_id, task_id)
                WHERE is_open = 1;
            CREATE TABLE countdowns (
                task_id BLOB PRIMARY KEY NOT NULL CHECK (length(task_id) = 16)
                    REFERENCES tasks (id) ON DELETE CASCADE,
                created_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            """,
        postgres: """
            ALTER TABLE task_dependencies ADD COLUMN is_open boolean NOT NULL DEFAULT true;
            UPDATE task_dependencies SET is_open = false
                WHERE depends_on_id IN (SELECT id FROM tasks WHERE status = 'completed');
            CREATE INDEX task_dependencies_open_idx
                ON task_dependencies (depends_on_id, task_id)
                WHERE is_open = true;
            CREATE TABLE countdowns (
                task_id uuid PRIMARY KEY NOT NULL REFERENCES tasks (id)
                    ON DELETE CASCADE,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            """)
}
