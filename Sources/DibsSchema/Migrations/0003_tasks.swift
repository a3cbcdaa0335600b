internal import DibsData

extension Migrations {
    /// The work itself, and what a claim reads.
    static let tasks = Migration(
        "0003_tasks",
        sqlite: """
            CREATE TABLE lanes (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                workspace_id BLOB NOT NULL CHECK (length(workspace_id) = 16)
                    REFERENCES workspaces (id) ON DELETE CASCADE,
                runner_preference TEXT NOT NULL DEFAULT 'any'
                    CHECK (runner_preference IN ('any', 'user', 'service', 'action')),
                required_capabilities TEXT NOT NULL DEFAULT '[]'
                    CHECK (required_capabilities IS NULL
                    OR json_valid(required_capabilities)),
                cost_class INTEGER NOT NULL DEFAULT 0
            ) STRICT;
            CREATE UNIQUE INDEX lanes_key_idx
                ON lanes (workspace_id, runner_preference, required_capabilities,
                    cost_class);
            CREATE TABLE tasks (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                workspace_id BLOB NOT NULL CHECK (length(workspace_id) = 16)
                    REFERENCES workspaces (id) ON DELETE CASCADE,
                lane_id BLOB NOT NULL CHECK (length(lane_id) = 16)
                    REFERENCES lanes (id),
                source_id BLOB CHECK (length(source_id) = 16) REFERENCES sources (id),
                external_id TEXT,
                external_url TEXT,
                title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
                description TEXT NOT NULL DEFAULT '',
                context TEXT NOT NULL DEFAULT '{}' CHECK (context IS NULL
                    OR json_valid(context)),
                status TEXT NOT NULL DEFAULT 'pending'
                    CHECK (status IN ('pending', 'assigned', 'in_progress', 'review',
                        'completed', 'failed', 'cancelled')),
                priority INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1000
                    AND 1000),
                rank INTEGER NOT NULL
                    GENERATED ALWAYS AS (created_at - priority * 3600000000) STORED,
                runner_preference TEXT NOT NULL DEFAULT 'any'
                    CHECK (runner_preference IN ('any', 'user', 'service', 'action')),
                required_capabilities TEXT NOT NULL DEFAULT '[]'
                    CHECK (required_capabilities IS NULL
                    OR json_valid(required_capabilities)),
                claimed_by BLOB CHECK (length(claimed_by) = 16)
                    REFERENCES accounts (id),
                claimed_at INTEGER,
                expires_at INTEGER,
                attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                ends INTEGER NOT NULL DEFAULT 0 CHECK (ends >= 0),
                max_attempts INTEGER NOT NULL DEFAULT 3 CHECK (max_attempts BETWEEN 1
                    AND 100),
                not_before INTEGER,
                open_dependencies INTEGER NOT NULL DEFAULT 0
                    CHECK (open_dependencies >= 0),
                open_questions INTEGER NOT NULL DEFAULT 0 CHECK (open_questions >= 0),
                dedupe_key TEXT,
                parent_task_id BLOB CHECK (length(parent_task_id) = 16)
                    REFERENCES tasks (id),
                max_cost INTEGER CHECK (max_cost BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                max_tokens INTEGER CHECK (max_tokens >= 1),
                max_duration_seconds INTEGER CHECK (max_duration_seconds >= 1),
                needs_review INTEGER NOT NULL DEFAULT 0 CHECK (needs_review IN (0, 1)),
                result TEXT CHECK (result IS NULL OR json_valid(result)),
                archived_at INTEGER,
                created_at INTEGER NOT NULL DEFAULT \(now),
                updated_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE INDEX tasks_claim_idx ON tasks (lane_id, rank, id)
                WHERE status = 'pending' AND open_dependencies = 0
                AND open_questions = 0 AND not_before IS NULL;
            CREATE INDEX tasks_workspace_idx ON tasks (workspace_id, created_at, id);
            CREATE INDEX tasks_status_idx ON tasks (status, created_at, id);
            CREATE INDEX tasks_claimed_by_idx ON tasks (claimed_by)
                WHERE claimed_by IS NOT NULL;
            CREATE INDEX tasks_due_idx ON tasks (not_before)
                WHERE not_before IS NOT NULL;
            CREATE UNIQUE INDEX tasks_external_idx ON tasks (source_id, external_id)
                WHERE external_id IS NOT NULL;
            CREATE UNIQUE INDEX tasks_dedupe_idx ON tasks (workspace_id, dedupe_key)
                WHERE dedupe_key IS NOT NULL
                AND status IN ('pending', 'assigned', 'in_progress', 'review');
            CREATE TABLE task_dependencies (
                task_id BLOB NOT NULL CHECK (length(task_id) = 16) REFERENCES tasks (id)
                    ON DELETE CASCADE,
                depends_on_id BLOB NOT NULL CHECK (length(depends_on_id) = 16)
                    REFERENCES tasks (id) ON DELETE CASCADE,
                created_at INTEGER NOT NULL DEFAULT \(now),
                PRIMARY KEY (task_id, depends_on_id),
                CHECK (task_id <> depends_on_id)
            ) STRICT;
            CREATE INDEX task_dependencies_target_idx
                ON task_dependencies (depends_on_id, task_id);
            """,
        postgres: """
            CREATE TABLE lanes (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                runner_preference text COLLATE "C" NOT NULL DEFAULT 'any'
                    CHECK (runner_preference IN ('any', 'user', 'service', 'action')),
                required_capabilities jsonb NOT NULL DEFAULT '[]',
                cost_class bigint NOT NULL DEFAULT 0
            );
            CREATE UNIQUE INDEX lanes_key_idx
                ON lanes (workspace_id, runner_preference, required_capabilities,
                    cost_class);
            CREATE TABLE tasks (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                lane_id uuid NOT NULL REFERENCES lanes (id),
                source_id uuid REFERENCES sources (id),
                external_id text COLLATE "C",
                external_url text COLLATE "C",
                title text COLLATE "C" NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
                description text COLLATE "C" NOT NULL DEFAULT '',
                context jsonb NOT NULL DEFAULT '{}',
                status text COLLATE "C" NOT NULL DEFAULT 'pending'
                    CHECK (status IN ('pending', 'assigned', 'in_progress', 'review',
                        'completed', 'failed', 'cancelled')),
                priority bigint NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1000
                    AND 1000),
                rank timestamptz NOT NULL
                    GENERATED ALWAYS AS (
                        (created_at AT TIME ZONE 'UTC' - priority * interval '1 hour')
                        AT TIME ZONE 'UTC') STORED,
                runner_preference text COLLATE "C" NOT NULL DEFAULT 'any'
                    CHECK (runner_preference IN ('any', 'user', 'service', 'action')),
                required_capabilities jsonb NOT NULL DEFAULT '[]',
                claimed_by uuid REFERENCES accounts (id),
                claimed_at timestamptz,
                expires_at timestamptz,
                attempts bigint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                ends bigint NOT NULL DEFAULT 0 CHECK (ends >= 0),
                max_attempts bigint NOT NULL DEFAULT 3 CHECK (max_attempts BETWEEN 1
                    AND 100),
                not_before timestamptz,
                open_dependencies bigint NOT NULL DEFAULT 0
                    CHECK (open_dependencies >= 0),
                open_questions bigint NOT NULL DEFAULT 0 CHECK (open_questions >= 0),
                dedupe_key text COLLATE "C",
                parent_task_id uuid REFERENCES tasks (id),
                max_cost numeric(19,9) CHECK (max_cost > -9000000000
                    AND max_cost < 9000000000),
                max_tokens bigint CHECK (max_tokens >= 1),
                max_duration_seconds bigint CHECK (max_duration_seconds >= 1),
                needs_review boolean NOT NULL DEFAULT false,
                result jsonb,
                archived_at timestamptz,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                updated_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            CREATE INDEX tasks_claim_idx ON tasks (lane_id, rank, id)
                WHERE status = 'pending' AND open_dependencies = 0
                AND open_questions = 0 AND not_before IS NULL;
            CREATE INDEX tasks_workspace_idx ON tasks (workspace_id, created_at, id);
            CREATE INDEX tasks_status_idx ON tasks (status, created_at, id);
            CREATE INDEX tasks_claimed_by_idx ON tasks (claimed_by)
                WHERE claimed_by IS NOT NULL;
            CREATE INDEX tasks_due_idx ON tasks (not_before)
                WHERE not_before IS NOT NULL;
            CREATE UNIQUE INDEX tasks_external_idx ON tasks (source_id, external_id)
                WHERE external_id IS NOT NULL;
            CREATE UNIQUE INDEX tasks_dedupe_idx ON tasks (workspace_id, dedupe_key)
                WHERE dedupe_key IS NOT NULL
                AND status IN ('pending', 'assigned', 'in_progress', 'review');
            CREATE TABLE task_dependencies (
                task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
                depends_on_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                PRIMARY KEY (task_id, depends_on_id),
                CHECK (task_id <> depends_on_id)
            );
            CREATE INDEX task_dependencies_target_idx
                ON task_dependencies (depends_on_id, task_id);
            """)
}
