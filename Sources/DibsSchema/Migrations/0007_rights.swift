internal import DibsData

extension Migrations {
    /// The right to decide and answer; secrets of sources sealed; contents of artifacts apart;
    /// repetitions by credential; keys in other systems free again; lanes that can go.
    ///
    /// Whatever a credential was answered before is forgotten: it was kept by account.
    static let rights = Migration(
        "0007_rights",
        sqlite: """
            ALTER TABLE account_workspaces ADD COLUMN can_review INTEGER NOT NULL DEFAULT 0
                CHECK (can_review IN (0, 1));
            ALTER TABLE sources ADD COLUMN sealed_config BLOB;
            ALTER TABLE sources RENAME COLUMN config TO config_in_clear;
            ALTER TABLE sources ADD COLUMN config TEXT
                CHECK (config IS NULL OR json_valid(config));
            UPDATE sources SET config = config_in_clear;
            ALTER TABLE sources DROP COLUMN config_in_clear;
            CREATE TABLE artifact_contents (
                artifact_id BLOB PRIMARY KEY NOT NULL CHECK (length(artifact_id) = 16)
                    REFERENCES artifacts (id) ON DELETE CASCADE,
                content TEXT NOT NULL
            ) STRICT;
            INSERT INTO artifact_contents (artifact_id, content)
                SELECT id, content FROM artifacts WHERE content IS NOT NULL;
            ALTER TABLE artifacts ADD COLUMN size INTEGER NOT NULL DEFAULT 0
                CHECK (size >= 0);
            UPDATE artifacts SET size = length(CAST(content AS BLOB))
                WHERE content IS NOT NULL;
            ALTER TABLE artifacts DROP COLUMN content;
            CREATE TABLE artifact_days (
                account_id BLOB PRIMARY KEY NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id) ON DELETE CASCADE,
                day TEXT NOT NULL CHECK (length(day) = 10),
                bytes INTEGER NOT NULL CHECK (bytes >= 0)
            ) STRICT;
            DROP TABLE idempotency_keys;
            CREATE TABLE idempotency_keys (
                credential BLOB NOT NULL,
                operation TEXT NOT NULL,
                key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
                fingerprint TEXT NOT NULL,
                resource TEXT NOT NULL CHECK (resource IS NULL OR json_valid(resource)),
                sealed BLOB,
                created_at INTEGER NOT NULL DEFAULT \(now),
                PRIMARY KEY (credential, operation, key)
            ) STRICT;
            CREATE INDEX idempotency_keys_age_idx ON idempotency_keys (created_at);
            DROP INDEX tasks_external_idx;
            CREATE UNIQUE INDEX tasks_external_idx ON tasks (source_id, external_id)
                WHERE external_id IS NOT NULL
                AND status IN ('pending', 'assigned', 'in_progress', 'review');
            CREATE INDEX tasks_lane_idx ON tasks (lane_id, status);
            CREATE INDEX tasks_parent_idx ON tasks (parent_task_id)
                WHERE parent_task_id IS NOT NULL;
            """,
        postgres: """
            ALTER TABLE account_workspaces ADD COLUMN can_review boolean NOT NULL
                DEFAULT false;
            ALTER TABLE sources ADD COLUMN sealed_config bytea;
            ALTER TABLE sources ALTER COLUMN config DROP NOT NULL,
                ALTER COLUMN config DROP DEFAULT;
            CREATE TABLE artifact_contents (
                artifact_id uuid PRIMARY KEY NOT NULL REFERENCES artifacts (id)
                    ON DELETE CASCADE,
                content text COLLATE "C" NOT NULL
            );
            INSERT INTO artifact_contents (artifact_id, content)
                SELECT id, content FROM artifacts WHERE content IS NOT NULL;
            ALTER TABLE artifacts ADD COLUMN size bigint NOT NULL DEFAULT 0
                CHECK (size >= 0);
            UPDATE artifacts SET size = octet_length(content) WHERE content IS NOT NULL;
            ALTER TABLE artifacts DROP COLUMN content;
            CREATE TABLE artifact_days (
                account_id uuid PRIMARY KEY NOT NULL REFERENCES accounts (id)
                    ON DELETE CASCADE,
                day text COLLATE "C" NOT NULL CHECK (length(day) = 10),
                bytes bigint NOT NULL CHECK (bytes >= 0)
            );
            DROP TABLE idempotency_keys;
            CREATE TABLE idempotency_keys (
                credential bytea NOT NULL,
                operation text COLLATE "C" NOT NULL,
                key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
                fingerprint text COLLATE "C" NOT NULL,
                resource jsonb NOT NULL,
                sealed bytea,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                PRIMARY KEY (credential, operation, key)
            );
            CREATE INDEX idempotency_keys_age_idx ON idempotency_keys (created_at);
            DROP INDEX tasks_external_idx;
            CREATE UNIQUE INDEX tasks_external_idx ON tasks (source_id, external_id)
                WHERE external_id IS NOT NULL
                AND status IN ('pending', 'assigned', 'in_progress', 'review');
            CREATE INDEX tasks_lane_idx ON tasks (lane_id, status);
            CREATE INDEX tasks_parent_idx ON tasks (parent_task_id)
                WHERE parent_task_id IS NOT NULL;
            """)
}
