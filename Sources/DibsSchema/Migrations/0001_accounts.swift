internal import DibsData

extension Migrations {
    /// Accounts, and the limits they are held to.
    static let accounts = Migration(
        "0001_accounts",
        sqlite: """
            CREATE TABLE seats (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                name TEXT NOT NULL UNIQUE,
                max_sessions INTEGER NOT NULL CHECK (max_sessions >= 1),
                active INTEGER NOT NULL DEFAULT 0 CHECK (active >= 0),
                created_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE TABLE accounts (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                email TEXT,
                type TEXT NOT NULL DEFAULT 'user'
                    CHECK (type IN ('user', 'service', 'action')),
                level TEXT NOT NULL DEFAULT 'worker'
                    CHECK (level IN ('worker', 'admin')),
                api_key BLOB NOT NULL,
                api_key_prefix TEXT NOT NULL,
                github_id TEXT,
                auth_type TEXT NOT NULL DEFAULT 'api'
                    CHECK (auth_type IN ('api', 'oauth')),
                max_cost_per_day INTEGER
                    CHECK (max_cost_per_day BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                total_cost INTEGER NOT NULL DEFAULT 0
                    CHECK (total_cost BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                seat_id BLOB CHECK (length(seat_id) = 16) REFERENCES seats (id),
                max_concurrent_sessions INTEGER CHECK (max_concurrent_sessions >= 1),
                active_sessions INTEGER NOT NULL DEFAULT 0 CHECK (active_sessions >= 0),
                max_concurrent_workers INTEGER DEFAULT 3
                    CHECK (max_concurrent_workers >= 1),
                active_workers INTEGER NOT NULL DEFAULT 0 CHECK (active_workers >= 0),
                total_tasks INTEGER NOT NULL DEFAULT 0 CHECK (total_tasks >= 0),
                time_zone TEXT NOT NULL DEFAULT 'UTC',
                next_time_zone TEXT,
                next_time_zone_at INTEGER,
                closed_at INTEGER,
                created_at INTEGER NOT NULL DEFAULT \(now),
                updated_at INTEGER NOT NULL DEFAULT \(now)
            ) STRICT;
            CREATE UNIQUE INDEX accounts_api_key_idx ON accounts (api_key);
            CREATE INDEX accounts_seat_id_idx ON accounts (seat_id)
                WHERE seat_id IS NOT NULL;
            CREATE TABLE account_secrets (
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id) ON DELETE CASCADE,
                kind TEXT NOT NULL CHECK (kind IN ('anthropic_api_key', 'oauth_token')),
                sealed BLOB NOT NULL,
                created_at INTEGER NOT NULL DEFAULT \(now),
                updated_at INTEGER NOT NULL DEFAULT \(now),
                PRIMARY KEY (account_id, kind)
            ) STRICT;
            CREATE TABLE account_days (
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id),
                day TEXT NOT NULL CHECK (length(day) = 10),
                spent INTEGER NOT NULL DEFAULT 0
                    CHECK (spent BETWEEN -8999999999999999999 AND 8999999999999999999),
                PRIMARY KEY (account_id, day)
            ) STRICT;
            """,
        postgres: """
            CREATE TABLE seats (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                name text COLLATE "C" NOT NULL UNIQUE,
                max_sessions bigint NOT NULL CHECK (max_sessions >= 1),
                active bigint NOT NULL DEFAULT 0 CHECK (active >= 0),
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            ) WITH (fillfactor = 50);
            CREATE TABLE accounts (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                email text COLLATE "C",
                type text COLLATE "C" NOT NULL DEFAULT 'user'
                    CHECK (type IN ('user', 'service', 'action')),
                level text COLLATE "C" NOT NULL DEFAULT 'worker'
                    CHECK (level IN ('worker', 'admin')),
                api_key bytea NOT NULL,
                api_key_prefix text COLLATE "C" NOT NULL,
                github_id text COLLATE "C",
                auth_type text COLLATE "C" NOT NULL DEFAULT 'api'
                    CHECK (auth_type IN ('api', 'oauth')),
                max_cost_per_day numeric(19,9) CHECK (max_cost_per_day > -9000000000
                    AND max_cost_per_day < 9000000000),
                total_cost numeric(19,9) NOT NULL DEFAULT 0
                    CHECK (total_cost > -9000000000 AND total_cost < 9000000000),
                seat_id uuid REFERENCES seats (id),
                max_concurrent_sessions bigint CHECK (max_concurrent_sessions >= 1),
                active_sessions bigint NOT NULL DEFAULT 0 CHECK (active_sessions >= 0),
                max_concurrent_workers bigint DEFAULT 3
                    CHECK (max_concurrent_workers >= 1),
                active_workers bigint NOT NULL DEFAULT 0 CHECK (active_workers >= 0),
                total_tasks bigint NOT NULL DEFAULT 0 CHECK (total_tasks >= 0),
                time_zone text COLLATE "C" NOT NULL DEFAULT 'UTC',
                next_time_zone text COLLATE "C",
                next_time_zone_at timestamptz,
                closed_at timestamptz,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                updated_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp())
            ) WITH (fillfactor = 50);
            CREATE UNIQUE INDEX accounts_api_key_idx ON accounts (api_key);
            CREATE INDEX accounts_seat_id_idx ON accounts (seat_id)
                WHERE seat_id IS NOT NULL;
            CREATE TABLE account_secrets (
                account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                kind text COLLATE "C" NOT NULL
                    CHECK (kind IN ('anthropic_api_key', 'oauth_token')),
                sealed bytea NOT NULL,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                updated_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                PRIMARY KEY (account_id, kind)
            );
            CREATE TABLE account_days (
                account_id uuid NOT NULL REFERENCES accounts (id),
                day text COLLATE "C" NOT NULL CHECK (length(day) = 10),
                spent numeric(19,9) NOT NULL DEFAULT 0 CHECK (spent > -9000000000
                    AND spent < 9000000000),
                PRIMARY KEY (account_id, day)
            ) WITH (fillfactor = 50);
            """)
}
