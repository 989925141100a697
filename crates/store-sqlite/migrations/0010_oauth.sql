-- OAuth: the grants of credentials, attempts to connect an account, and grants that wait to be revoked at their
-- service. Token sets and whatever else is secret stand in `sealed_secret`.

CREATE TABLE oauth_grant (
    credential_id BLOB PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    issued_at INTEGER,
    expires_at INTEGER,
    refresh_at INTEGER,
    has_refresh_token INTEGER NOT NULL CHECK (has_refresh_token IN (0, 1)),
    rotates INTEGER CHECK (rotates IN (0, 1)),
    scopes TEXT NOT NULL,
    answer_values TEXT NOT NULL,
    account_key TEXT,
    -- Counts leases: whoever presents an older number has lost.
    fence INTEGER NOT NULL,
    -- Set while somebody asks for a new token set. One that has passed is of somebody who died on the way.
    leased_until INTEGER,
    failures INTEGER NOT NULL,
    retry_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE oauth_attempt (
    id BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    bound_to TEXT NOT NULL,
    state_hash BLOB NOT NULL UNIQUE CHECK (length(state_hash) = 32),
    status TEXT NOT NULL CHECK (status IN ('pending', 'exchanging', 'connected', 'failed', 'saved')),
    draft TEXT NOT NULL,
    reconnects INTEGER NOT NULL CHECK (reconnects IN (0, 1)),
    redirect_uri TEXT NOT NULL,
    issuer TEXT,
    requires_issuer INTEGER NOT NULL CHECK (requires_issuer IN (0, 1)),
    grant_facts TEXT NOT NULL,
    account TEXT,
    error TEXT,
    message TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX oauth_attempt_expiry ON oauth_attempt (expires_at);

CREATE TABLE oauth_revocation (
    id BLOB PRIMARY KEY NOT NULL,
    credential TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX oauth_revocation_due ON oauth_revocation (next_at);
