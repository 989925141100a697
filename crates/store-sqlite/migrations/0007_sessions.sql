-- Signing in: who belongs to an organization, sessions, the history of sign-ins, counted attempts, invites.

CREATE TABLE organization_member (
    user_id BLOB NOT NULL REFERENCES person (id),
    organization_id BLOB NOT NULL REFERENCES organization (id),
    role TEXT NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, organization_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX organization_member_of_organization ON organization_member (organization_id, created_at, user_id);

-- Whoever owns a workspace so far is the person who set the installation up.
INSERT INTO organization_member (user_id, organization_id, role, created_at)
SELECT m.user_id, w.organization_id, max(CASE m.role WHEN 'owner' THEN 'owner' ELSE 'member' END), min(m.created_at)
FROM membership AS m JOIN workspace AS w ON w.id = m.workspace_id
GROUP BY m.user_id, w.organization_id;

-- Only the SHA-256 of a session's token is stored: the token has 256 random bits.
CREATE TABLE session (
    id BLOB PRIMARY KEY NOT NULL,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    user_id BLOB NOT NULL REFERENCES person (id),
    -- `factor`: the password was right and a second factor is awaited; nothing else can be done with it.
    state TEXT NOT NULL CHECK (state IN ('active', 'factor')),
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    idle_ms INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    -- When the person last proved who they are: password or factor.
    proved_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_of_person ON session (user_id, created_at);

CREATE TABLE sign_in (
    user_id BLOB NOT NULL REFERENCES person (id),
    at INTEGER NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    PRIMARY KEY (user_id, at, number)
) STRICT, WITHOUT ROWID;

-- Failed attempts in a row. The bucket is a SHA-256 of what is counted (an account, an address), so that the table
-- tells nobody's address.
CREATE TABLE attempt (
    bucket BLOB PRIMARY KEY NOT NULL CHECK (length(bucket) = 32),
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    wait_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invite (
    id BLOB PRIMARY KEY NOT NULL,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    invited_by BLOB NOT NULL REFERENCES person (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    accepted_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX invite_of_workspace ON invite (workspace_id, created_at, id);
