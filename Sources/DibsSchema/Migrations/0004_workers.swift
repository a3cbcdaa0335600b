internal import DibsData

extension Migrations {
    /// Attempts, their leases, and what they leave.
    static let workers = Migration(
        "0004_workers",
        sqlite: """
            CREATE TABLE workers (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                task_id BLOB NOT NULL CHECK (length(task_id) = 16)
                    REFERENCES tasks (id),
                workspace_id BLOB NOT NULL CHECK (length(workspace_id) = 16)
                    REFERENCES workspaces (id),
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id),
                runner TEXT NOT NULL CHECK (length(runner) BETWEEN 1 AND 200),
                name TEXT NOT NULL,
                branch TEXT NOT NULL,
                status TEXT NOT NULL DEFAULT 'idle'
                    CHECK (status IN ('idle', 'starting', 'running', 'waiting_input',
                        'paused', 'completed', 'error')),
                waiting_for TEXT CHECK (waiting_for IS NULL OR json_valid(waiting_for)),
                progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
                milestones TEXT NOT NULL DEFAULT '[]' CHECK (milestones IS NULL
                    OR json_valid(milestones)),
                current_action TEXT,
                cost_usd INTEGER NOT NULL DEFAULT 0
                    CHECK (cost_usd BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
                output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
                turns INTEGER NOT NULL DEFAULT 0 CHECK (turns >= 0),
                error TEXT,
                failure_class TEXT
                    CHECK (failure_class IN ('agent_failed', 'lease_expired',
                        'released', 'waiting', 'cancelled', 'budget', 'rate_limited',
                        'infrastructure')),
                started_at INTEGER,
                completed_at INTEGER,
                pr_url TEXT,
                commits INTEGER NOT NULL DEFAULT 0 CHECK (commits >= 0),
                files_changed INTEGER NOT NULL DEFAULT 0 CHECK (files_changed >= 0),
                lines_added INTEGER NOT NULL DEFAULT 0 CHECK (lines_added >= 0),
                lines_removed INTEGER NOT NULL DEFAULT 0 CHECK (lines_removed >= 0),
                created_at INTEGER NOT NULL DEFAULT \(now),
                updated_at INTEGER NOT NULL DEFAULT \(now),
                CHECK ((completed_at IS NULL) = (status NOT IN ('completed', 'error')))
            ) STRICT;
            CREATE INDEX workers_task_idx ON workers (task_id, created_at);
            CREATE INDEX workers_account_idx ON workers (account_id, created_at);
            CREATE INDEX workers_status_idx ON workers (status)
                WHERE completed_at IS NULL;
            CREATE UNIQUE INDEX workers_live_idx ON workers (task_id)
                WHERE completed_at IS NULL;
            CREATE INDEX workers_done_idx ON workers (workspace_id, completed_at)
                WHERE status = 'completed';
            CREATE INDEX workers_released_idx ON workers (account_id, completed_at)
                WHERE failure_class = 'released';
            CREATE TABLE leases (
                task_id BLOB PRIMARY KEY NOT NULL CHECK (length(task_id) = 16)
                    REFERENCES tasks (id),
                worker_id BLOB NOT NULL UNIQUE CHECK (length(worker_id) = 16)
                    REFERENCES workers (id),
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id),
                expires_at INTEGER NOT NULL,
                ends_at INTEGER NOT NULL,
                length_seconds INTEGER NOT NULL CHECK (length_seconds BETWEEN 1
                    AND 3600),
                hold INTEGER NOT NULL DEFAULT 0 CHECK (hold BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                counted INTEGER NOT NULL DEFAULT 1 CHECK (counted IN (0, 1)),
                answered INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1)),
                sequence INTEGER NOT NULL DEFAULT 0
            ) STRICT;
            CREATE INDEX leases_account_idx ON leases (account_id);
            CREATE INDEX leases_answered_idx ON leases (account_id)
                WHERE answered = 1;
            CREATE TABLE artifacts (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                worker_id BLOB NOT NULL CHECK (length(worker_id) = 16)
                    REFERENCES workers (id),
                task_id BLOB NOT NULL CHECK (length(task_id) = 16)
                    REFERENCES tasks (id),
                type TEXT NOT NULL
                    CHECK (type IN ('diff', 'plan', 'report', 'file', 'log', 'link')),
                title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
                content TEXT,
                storage_key TEXT,
                metadata TEXT NOT NULL DEFAULT '{}' CHECK (metadata IS NULL
                    OR json_valid(metadata)),
                created_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE INDEX artifacts_worker_idx ON artifacts (worker_id);
            CREATE INDEX artifacts_task_idx ON artifacts (task_id, created_at);
            CREATE TABLE cost_entries (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                worker_id BLOB NOT NULL CHECK (length(worker_id) = 16)
                    REFERENCES workers (id),
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id),
                day TEXT NOT NULL CHECK (length(day) = 10),
                sequence INTEGER NOT NULL CHECK (sequence >= 1),
                amount INTEGER NOT NULL CHECK (amount BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
                output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
                model TEXT,
                provenance TEXT NOT NULL DEFAULT 'reported'
                    CHECK (provenance IN ('reported', 'estimated', 'corrected',
                        'late')),
                corrects BLOB CHECK (length(corrects) = 16)
                    REFERENCES cost_entries (id),
                occurred_at INTEGER NOT NULL,
                created_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE UNIQUE INDEX cost_entries_worker_idx
                ON cost_entries (worker_id, sequence);
            CREATE INDEX cost_entries_day_idx ON cost_entries (account_id, day);
            CREATE TABLE questions (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                task_id BLOB NOT NULL CHECK (length(task_id) = 16)
                    REFERENCES tasks (id),
                worker_id BLOB NOT NULL CHECK (length(worker_id) = 16)
                    REFERENCES workers (id),
                kind TEXT NOT NULL CHECK (kind IN ('ask', 'limit')),
                prompt TEXT NOT NULL,
                options TEXT NOT NULL DEFAULT '[]' CHECK (options IS NULL
                    OR json_valid(options)),
                answer TEXT,
                answered_by BLOB CHECK (length(answered_by) = 16)
                    REFERENCES accounts (id),
                answered_at INTEGER,
                created_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE INDEX questions_task_idx ON questions (task_id);
            CREATE INDEX questions_open_idx ON questions (created_at)
                WHERE answered_at IS NULL;
            CREATE TABLE instructions (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                worker_id BLOB NOT NULL CHECK (length(worker_id) = 16)
                    REFERENCES workers (id),
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id),
                text TEXT NOT NULL,
                delivered_at INTEGER,
                created_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE INDEX instructions_worker_idx ON instructions (worker_id)
                WHERE delivered_at IS NULL;
            CREATE TABLE runners (
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                capabilities TEXT NOT NULL DEFAULT '[]' CHECK (capabilities IS NULL
                    OR json_valid(capabilities)),
                last_seen_at INTEGER NOT NULL DEFAULT \(now),
                PRIMARY KEY (account_id, name)
            ) STRICT;
            CREATE INDEX runners_seen_idx ON runners (last_seen_at);
            """,
        postgres: """
            CREATE TABLE workers (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                task_id uuid NOT NULL REFERENCES tasks (id),
                workspace_id uuid NOT NULL REFERENCES workspaces (id),
                account_id uuid NOT NULL REFERENCES accounts (id),
                runner text COLLATE "C" NOT NULL CHECK (length(runner) BETWEEN 1
                    AND 200),
                name text COLLATE "C" NOT NULL,
                branch text COLLATE "C" NOT NULL,
                status text COLLATE "C" NOT NULL DEFAULT 'idle'
                    CHECK (status IN ('idle', 'starting', 'running', 'waiting_input',
                        'paused', 'completed', 'error')),
                waiting_for jsonb,
                progress bigint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
                milestones jsonb NOT NULL DEFAULT '[]',
                current_action text COLLATE "C",
                cost_usd numeric(19,9) NOT NULL DEFAULT 0 CHECK (cost_usd > -9000000000
                    AND cost_usd < 9000000000),
                input_tokens bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
                output_tokens bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
                turns bigint NOT NULL DEFAULT 0 CHECK (turns >= 0),
                error text COLLATE "C",
                failure_class text COLLATE "C"
                    CHECK (failure_class IN ('agent_failed', 'lease_expired',
                        'released', 'waiting', 'cancelled', 'budget', 'rate_limited',
                        'infrastructure')),
                started_at timestamptz,
                completed_at timestamptz,
                pr_url text COLLATE "C",
                commits bigint NOT NULL DEFAULT 0 CHECK (commits >= 0),
                files_changed bigint NOT NULL DEFAULT 0 CHECK (files_changed >= 0),
                lines_added bigint NOT NULL DEFAULT 0 CHECK (lines_added >= 0),
                lines_removed bigint NOT NULL DEFAULT 0 CHECK (lines_removed >= 0),
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                updated_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                CHECK ((completed_at IS NULL) = (status NOT IN ('completed', 'error')))
            );
            CREATE INDEX workers_task_idx ON workers (task_id, created_at);
            CREATE INDEX workers_account_idx ON workers (account_id, created_at);
            CREATE INDEX workers_status_idx ON workers (status)
                WHERE completed_at IS NULL;
            CREATE UNIQUE INDEX workers_live_idx ON workers (task_id)
                WHERE completed_at IS NULL;
            CREATE INDEX workers_done_idx ON workers (workspace_id, completed_at)
                WHERE status = 'completed';
            CREATE INDEX workers_released_idx ON workers (account_id, completed_at)
                WHERE failure_class = 'released';
            CREATE TABLE leases (
                task_id uuid PRIMARY KEY NOT NULL REFERENCES tasks (id),
                worker_id uuid NOT NULL UNIQUE REFERENCES workers (id),
                account_id uuid NOT NULL REFERENCES accounts (id),
                expires_at timestamptz NOT NULL,
                ends_at timestamptz NOT NULL,
                length_seconds bigint NOT NULL CHECK (length_seconds BETWEEN 1
                    AND 3600),
                hold numeric(19,9) NOT NULL DEFAULT 0 CHECK (hold > -9000000000
                    AND hold < 9000000000),
                counted boolean NOT NULL DEFAULT true,
                answered boolean NOT NULL DEFAULT false,
                sequence bigint NOT NULL DEFAULT 0
            ) WITH (fillfactor = 50);
            CREATE INDEX leases_account_idx ON leases (account_id);
            CREATE INDEX leases_answered_idx ON leases (account_id)
                WHERE answered = true;
            CREATE TABLE artifacts (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                worker_id uuid NOT NULL REFERENCES workers (id),
                task_id uuid NOT NULL REFERENCES tasks (id),
                type text COLLATE "C" NOT NULL
                    CHECK (type IN ('diff', 'plan', 'report', 'file', 'log', 'link')),
                title text COLLATE "C" NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
                content text COLLATE "C",
                storage_key text COLLATE "C",
                metadata jsonb NOT NULL DEFAULT '{}',
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            CREATE INDEX artifacts_worker_idx ON artifacts (worker_id);
            CREATE INDEX artifacts_task_idx ON artifacts (task_id, created_at);
            CREATE TABLE cost_entries (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                worker_id uuid NOT NULL REFERENCES workers (id),
                account_id uuid NOT NULL REFERENCES accounts (id),
                day text COLLATE "C" NOT NULL CHECK (length(day) = 10),
                sequence bigint NOT NULL CHECK (sequence >= 1),
                amount numeric(19,9) NOT NULL CHECK (amount > -9000000000
                    AND amount < 9000000000),
                input_tokens bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
                output_tokens bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
                model text COLLATE "C",
                provenance text COLLATE "C" NOT NULL DEFAULT 'reported'
                    CHECK (provenance IN ('reported', 'estimated', 'corrected',
                        'late')),
                corrects uuid REFERENCES cost_entries (id),
                occurred_at timestamptz NOT NULL,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            CREATE UNIQUE INDEX cost_entries_worker_idx
                ON cost_entries (worker_id, sequence);
            CREATE INDEX cost_entries_day_idx ON cost_entries (account_id, day);
            CREATE TABLE questions (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                task_id uuid NOT NULL REFERENCES tasks (id),
                worker_id uuid NOT NULL REFERENCES workers (id),
                kind text COLLATE "C" NOT NULL CHECK (kind IN ('ask', 'limit')),
                prompt text COLLATE "C" NOT NULL,
                options jsonb NOT NULL DEFAULT '[]',
                answer text COLLATE "C",
                answered_by uuid REFERENCES accounts (id),
                answered_at timestamptz,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            CREATE INDEX questions_task_idx ON questions (task_id);
            CREATE INDEX questions_open_idx ON questions (created_at)
                WHERE answered_at IS NULL;
            CREATE TABLE instructions (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                worker_id uuid NOT NULL REFERENCES workers (id),
                account_id uuid NOT NULL REFERENCES accounts (id),
                text text COLLATE "C" NOT NULL,
                delivered_at timestamptz,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            CREATE INDEX instructions_worker_idx ON instructions (worker_id)
                WHERE delivered_at IS NULL;
            CREATE TABLE runners (
                account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                name text COLLATE "C" NOT NULL,
                capabilities jsonb NOT NULL DEFAULT '[]',
                last_seen_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                PRIMARY KEY (account_id, name)
            );
            CREATE INDEX runners_seen_idx ON runners (last_seen_at);
            """)
}
