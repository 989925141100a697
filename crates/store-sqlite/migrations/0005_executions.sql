-- Runs and their journals. This is the busiest part of the database: two transactions for each run, so every
-- index here must earn its place.

CREATE TABLE execution (
    id BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    workflow_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    -- 0 pending, 1 running, 2 waiting for input; 16 success, 17 failed, 18 cancelled, 19 timeout. From 16 on: ended.
    status INTEGER NOT NULL,
    -- 0 manual, 1 webhook, 2 schedule, 3 sub-workflow, 4 error, 5 replay; the last three name another run.
    trigger_kind INTEGER NOT NULL,
    trigger_source BLOB,
    acting_for BLOB NOT NULL,
    owner BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    wake_at INTEGER,
    cancel_requested INTEGER NOT NULL,
    error_code TEXT,
    error_message TEXT,
    idempotency_key TEXT,
    -- How many entries the journal has.
    journal_length INTEGER NOT NULL,
    -- The credentials that it used, 16 bytes each: to find its rows in `credential_execution` again.
    credential_ids BLOB
) STRICT, WITHOUT ROWID;

-- Lists, counts and retention by workspace; the workflow stands in it so that its filter needs no look-up.
CREATE INDEX execution_of_workspace ON execution (workspace_id, created_at, id, workflow_id);
-- The runs that have not ended, by the process that carries them out.
CREATE INDEX execution_open ON execution (owner, wake_at) WHERE status < 16;
CREATE UNIQUE INDEX execution_idempotency ON execution (workflow_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- One row for each transition: the place of its first entry, and the entries, each with its length before it
-- (four bytes, big endian).
CREATE TABLE execution_journal (
    execution_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (execution_id, sequence)
) STRICT;

CREATE TABLE credential_execution (
    credential_id BLOB NOT NULL,
    execution_id BLOB NOT NULL,
    PRIMARY KEY (credential_id, execution_id)
) STRICT, WITHOUT ROWID;
