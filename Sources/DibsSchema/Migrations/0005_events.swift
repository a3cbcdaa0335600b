internal import DibsData

extension Migrations {
    /// History, and what an installation remembers.
    static let events = Migration(
        "0005_events",
        sqlite: """
            CREATE TABLE events (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                type TEXT NOT NULL,
                workspace_id BLOB CHECK (length(workspace_id) = 16),
                task_id BLOB CHECK (length(task_id) = 16),
                worker_id BLOB CHECK (length(worker_id) = 16),
                account_id BLOB CHECK (length(account_id) = 16),
                data TEXT NOT NULL DEFAULT '{}' CHECK (data IS NULL
                    OR json_valid(data)),
                created_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE INDEX events_task_idx ON events (task_id, id)
                WHERE task_id IS NOT NULL;
            CREATE TABLE event_positions (
                position INTEGER PRIMARY KEY NOT NULL,
                event_id INTEGER NOT NULL UNIQUE
            ) STRICT;
            CREATE TABLE idempotency_keys (
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id) ON DELETE CASCADE,
                operation TEXT NOT NULL,
                key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
                fingerprint TEXT NOT NULL,
                resource TEXT NOT NULL CHECK (resource IS NULL OR json_valid(resource)),
                created_at INTEGER NOT NULL DEFAULT \(now),
                PRIMARY KEY (account_id, operation, key)
            ) STRICT;
            CREATE INDEX idempotency_keys_age_idx ON idempotency_keys (created_at);
            CREATE TABLE settings (
                name TEXT PRIMARY KEY NOT NULL,
                value TEXT NOT NULL,
                created_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            """,
        postgres: """
            CREATE TABLE events (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                type text COLLATE "C" NOT NULL,
                workspace_id uuid,
                task_id uuid,
                worker_id uuid,
                account_id uuid,
                data jsonb NOT NULL DEFAULT '{}',
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            CREATE INDEX events_task_idx ON events (task_id, id)
                WHERE task_id IS NOT NULL;
            CREATE TABLE event_positions (
                position bigint PRIMARY KEY NOT NULL,
                event_id bigint NOT NULL UNIQUE
            );
            CREATE TABLE idempotency_keys (
                account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                operation text COLLATE "C" NOT NULL,
                key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
                fingerprint text COLLATE "C" NOT NULL,
                resource jsonb NOT NULL,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                PRIMARY KEY (account_id, operation, key)
            );
            CREATE INDEX idempotency_keys_age_idx ON idempotency_keys (created_at);
            CREATE TABLE settings (
                name text COLLATE "C" PRIMARY KEY NOT NULL,
                value text COLLATE "C" NOT NULL,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            """)
}
