internal import DibsData

extension Migrations {
    /// The workspaces in which work is done, and who may do it.
    static let workspaces = Migration(
        "0002_workspaces",
        sqlite: """
            CREATE TABLE workspaces (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
                repo TEXT,
                local_path TEXT,
                memory TEXT NOT NULL DEFAULT '{}' CHECK (memory IS NULL
                    OR json_valid(memory)),
                access_mode TEXT NOT NULL DEFAULT 'restricted'
                    CHECK (access_mode IN ('open', 'restricted')),
                git_config TEXT CHECK (git_config IS NULL OR json_valid(git_config)),
                max_workers INTEGER CHECK (max_workers >= 1),
                active_workers INTEGER NOT NULL DEFAULT 0 CHECK (active_workers >= 0),
                expected_cost INTEGER CHECK (expected_cost BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                expected_cost_at INTEGER,
                closed_at INTEGER,
                created_at INTEGER NOT NULL DEFAULT \(now),
                updated_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE INDEX workspaces_open_idx ON workspaces (name)
                WHERE access_mode = 'open' AND closed_at IS NULL;
            CREATE TABLE account_workspaces (
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id) ON DELETE CASCADE,
                workspace_id BLOB NOT NULL CHECK (length(workspace_id) = 16)
                    REFERENCES workspaces (id) ON DELETE CASCADE,
                can_claim INTEGER NOT NULL DEFAULT 1 CHECK (can_claim IN (0, 1)),
                can_create INTEGER NOT NULL DEFAULT 0 CHECK (can_create IN (0, 1)),
                created_at INTEGER NOT NULL DEFAULT \(now),
                PRIMARY KEY (account_id, workspace_id)
            ) STRICT;
            CREATE INDEX account_workspaces_workspace_idx
                ON account_workspaces (workspace_id, account_id);
            CREATE TABLE sources (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                workspace_id BLOB NOT NULL CHECK (length(workspace_id) = 16)
                    REFERENCES workspaces (id) ON DELETE CASCADE,
                type TEXT NOT NULL DEFAULT 'manual'
                    CHECK (type IN ('manual', 'github', 'jira', 'linear')),
                name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                config TEXT NOT NULL DEFAULT '{}' CHECK (config IS NULL
                    OR json_valid(config)),
                created_at INTEGER NOT NULL DEFAULT \(now),
                updated_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE UNIQUE INDEX sources_workspace_idx ON sources (workspace_id, name);
            """,
        postgres: """
            CREATE TABLE workspaces (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                name text COLLATE "C" NOT NULL UNIQUE CHECK (length(name) BETWEEN 1
                    AND 200),
                repo text COLLATE "C",
                local_path text COLLATE "C",
                memory jsonb NOT NULL DEFAULT '{}',
                access_mode text COLLATE "C" NOT NULL DEFAULT 'restricted'
                    CHECK (access_mode IN ('open', 'restricted')),
                git_config jsonb,
                max_workers bigint CHECK (max_workers >= 1),
                active_workers bigint NOT NULL DEFAULT 0 CHECK (active_workers >= 0),
                expected_cost numeric(19,9) CHECK (expected_cost > -9000000000
                    AND expected_cost < 9000000000),
                expected_cost_at timestamptz,
                closed_at timestamptz,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                updated_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            ) WITH (fillfactor = 50);
            CREATE INDEX workspaces_open_idx ON workspaces (name)
                WHERE access_mode = 'open' AND closed_at IS NULL;
            CREATE TABLE account_workspaces (
                account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                can_claim boolean NOT NULL DEFAULT true,
                can_create boolean NOT NULL DEFAULT false,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                PRIMARY KEY (account_id, workspace_id)
            );
            CREATE INDEX account_workspaces_workspace_idx
                ON account_workspaces (workspace_id, account_id);
            CREATE TABLE sources (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                type text COLLATE "C" NOT NULL DEFAULT 'manual'
                    CHECK (type IN ('manual', 'github', 'jira', 'linear')),
                name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                config jsonb NOT NULL DEFAULT '{}',
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                updated_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            );
            CREATE UNIQUE INDEX sources_workspace_idx ON sources (workspace_id, name);
            """)
}
