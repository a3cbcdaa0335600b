internal import DibsData

extension Migrations {
    /// Fingerprints that tell one report from another, costs that wait for a person, and
    /// instructions that are given until they arrived.
    static let attempts = Migration(
        "0006_attempts",
        sqlite: """
            ALTER TABLE leases ADD COLUMN fingerprint TEXT;
            ALTER TABLE workers ADD COLUMN milestone_count INTEGER NOT NULL DEFAULT 0
                CHECK (milestone_count >= 0);
            UPDATE workers SET milestone_count = json_array_length(milestones);
            ALTER TABLE workers ADD COLUMN last_report TEXT;
            ALTER TABLE questions ADD COLUMN free_text INTEGER NOT NULL DEFAULT 1
                CHECK (free_text IN (0, 1));
            UPDATE questions SET free_text = 0 WHERE kind = 'limit';
            ALTER TABLE instructions ADD COLUMN told_at INTEGER;
            CREATE TABLE parked_costs (
                id BLOB PRIMARY KEY NOT NULL DEFAULT \(uuid) CHECK (length(id) = 16),
                worker_id BLOB NOT NULL CHECK (length(worker_id) = 16)
                    REFERENCES workers (id),
                account_id BLOB NOT NULL CHECK (length(account_id) = 16)
                    REFERENCES accounts (id),
                sequence INTEGER NOT NULL CHECK (sequence >= 1),
                amount INTEGER NOT NULL CHECK (amount BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                most INTEGER NOT NULL CHECK (most BETWEEN -8999999999999999999
                    AND 8999999999999999999),
                input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
                output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
                model TEXT,
                provenance TEXT NOT NULL DEFAULT 'reported'
                    CHECK (provenance IN ('reported', 'estimated', 'corrected',
                        'late')),
                occurred_at INTEGER NOT NULL,
                created_at INTEGER NOT NULL DEFAULT \(now),
                entry_id BLOB CHECK (length(entry_id) = 16)
                    REFERENCES cost_entries (id),
                decided_by BLOB CHECK (length(decided_by) = 16)
                    REFERENCES accounts (id),
                decided_at INTEGER
            ) STRICT;
            CREATE UNIQUE INDEX parked_costs_worker_idx
                ON parked_costs (worker_id, sequence);
            CREATE INDEX cost_entries_corrections_idx ON cost_entries (worker_id)
                WHERE corrects IS NOT NULL;
            CREATE INDEX parked_costs_open_idx ON parked_costs (created_at, id)
                WHERE decided_at IS NULL;
            """,
        postgres: """
            ALTER TABLE leases ADD COLUMN fingerprint text COLLATE "C";
            ALTER TABLE workers ADD COLUMN milestone_count bigint NOT NULL DEFAULT 0
                CHECK (milestone_count >= 0);
            UPDATE workers SET milestone_count = jsonb_array_length(milestones);
            ALTER TABLE workers ADD COLUMN last_report text COLLATE "C";
            ALTER TABLE questions ADD COLUMN free_text boolean NOT NULL DEFAULT true;
            UPDATE questions SET free_text = false WHERE kind = 'limit';
            ALTER TABLE instructions ADD COLUMN told_at timestamptz;
            CREATE TABLE parked_costs (
                id uuid PRIMARY KEY NOT NULL DEFAULT gen_random_uuid(),
                worker_id uuid NOT NULL REFERENCES workers (id),
                account_id uuid NOT NULL REFERENCES accounts (id),
                sequence bigint NOT NULL CHECK (sequence >= 1),
                amount numeric(19,9) NOT NULL CHECK (amount > -9000000000
                    AND amount < 9000000000),
                most numeric(19,9) NOT NULL CHECK (most > -9000000000
                    AND most < 9000000000),
                input_tokens bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
                output_tokens bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
                model text COLLATE "C",
                provenance text COLLATE "C" NOT NULL DEFAULT 'reported'
                    CHECK (provenance IN ('reported', 'estimated', 'corrected',
                        'late')),
                occurred_at timestamptz NOT NULL,
                created_at timestamptz NOT NULL
                    DEFAULT date_trunc('milliseconds', clock_timestamp()),
                entry_id uuid REFERENCES cost_entries (id),
                decided_by uuid REFERENCES accounts (id),
                decided_at timestamptz
            );
            CREATE UNIQUE INDEX parked_costs_worker_idx
                ON parked_costs (worker_id, sequence);
            CREATE INDEX cost_entries_corrections_idx ON cost_entries (worker_id)
                WHERE corrects IS NOT NULL;
            CREATE INDEX parked_costs_open_idx ON parked_costs (created_at, id)
                WHERE decided_at IS NULL;
            """)
}
