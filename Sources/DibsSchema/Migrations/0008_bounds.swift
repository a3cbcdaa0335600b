internal import DibsData

extension Migrations {
    /// Edges that are counted down one by one, so that a task may be waited for by any number;
    /// parked costs that are decided on together, so that none is refused; repetitions numbered by
    /// credential, so that the oldest can go.
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
            ALTER TABLE parked_costs ADD COLUMN told INTEGER NOT NULL DEFAULT 0
                CHECK (told BETWEEN -8999999999999999999 AND 8999999999999999999);
            UPDATE parked_costs SET told = amount;
            ALTER TABLE parked_costs ADD COLUMN parts INTEGER NOT NULL DEFAULT 0
                CHECK (parts >= 0);
            ALTER TABLE parked_costs ADD COLUMN part_of BLOB CHECK (length(part_of) = 16)
                REFERENCES parked_costs (id);
            DROP INDEX parked_costs_open_idx;
            CREATE INDEX parked_costs_open_idx ON parked_costs (created_at, id)
                WHERE decided_at IS NULL AND part_of IS NULL;
            CREATE INDEX parked_costs_alone_idx ON parked_costs (worker_id)
                WHERE part_of IS NULL;
            ALTER TABLE idempotency_keys ADD COLUMN place INTEGER NOT NULL DEFAULT 0
                CHECK (place >= 0);
            CREATE INDEX idempotency_keys_place_idx
                ON idempotency_keys (credential, place);
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
            ALTER TABLE parked_costs ADD COLUMN told numeric(19,9) NOT NULL DEFAULT 0
                CHECK (told > -9000000000 AND told < 9000000000);
            UPDATE parked_costs SET told = amount;
            ALTER TABLE parked_costs ADD COLUMN parts bigint NOT NULL DEFAULT 0
                CHECK (parts >= 0);
            ALTER TABLE parked_costs ADD COLUMN part_of uuid REFERENCES parked_costs (id);
            DROP INDEX parked_costs_open_idx;
            CREATE INDEX parked_costs_open_idx ON parked_costs (created_at, id)
                WHERE decided_at IS NULL AND part_of IS NULL;
            CREATE INDEX parked_costs_alone_idx ON parked_costs (worker_id)
                WHERE part_of IS NULL;
            ALTER TABLE idempotency_keys ADD COLUMN place bigint NOT NULL DEFAULT 0
                CHECK (place >= 0);
            CREATE INDEX idempotency_keys_place_idx
                ON idempotency_keys (credential, place);
            """)
}
