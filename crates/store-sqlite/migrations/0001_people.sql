-- Organizations, workspaces, people, their memberships and API keys, variables, and the installation's own row.
-- Identifiers are the 16 bytes of a UUID version 7; times are milliseconds since 1970 in UTC.

CREATE TABLE installation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1))
) STRICT;

INSERT INTO installation (only_row, paused) VALUES (1, 0);

CREATE TABLE organization (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE workspace (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organization (id),
    name TEXT NOT NULL,
    -- How long runs are kept: at most so many that have ended, and none that ended longer ago.
    retention_count INTEGER NOT NULL DEFAULT 100000,
    retention_age_ms INTEGER NOT NULL DEFAULT 2592000000,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id BLOB PRIMARY KEY NOT NULL,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
    user_id BLOB NOT NULL REFERENCES person (id),
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, workspace_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX membership_of_workspace ON membership (workspace_id, role);

-- Only the SHA-256 of a key is stored.
CREATE TABLE api_key (
    id BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    creator BLOB NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    last_four TEXT NOT NULL,
    scopes TEXT NOT NULL,
    workflow_ids TEXT,
    allowed_networks TEXT NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_key_of_workspace ON api_key (workspace_id, created_at, id);

CREATE TABLE variables (
    workspace_id BLOB PRIMARY KEY NOT NULL,
    entries TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
