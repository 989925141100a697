-- Sign-in with OpenID providers: the providers of organizations, attempts, identities that are linked to accounts, and
-- what groups are given. A client secret stands in `sealed_secret` under the provider's id.

CREATE TABLE identity_provider (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organization (id),
    is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    document TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_provider_of_organization ON identity_provider (organization_id, id);

-- Only the SHA-256 of the `state` is stored; what else is secret of an attempt is derived from the browser's cookie.
CREATE TABLE openid_attempt (
    state_hash BLOB PRIMARY KEY NOT NULL CHECK (length(state_hash) = 32),
    provider_id BLOB NOT NULL REFERENCES identity_provider (id),
    -- The session that wants to link an identity; null for a sign-in.
    session_id BLOB,
    reauthenticates INTEGER NOT NULL CHECK (reauthenticates IN (0, 1)),
    return_to TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX openid_attempt_expiry ON openid_attempt (expires_at);

CREATE TABLE identity (
    id BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES person (id),
    provider_id BLOB NOT NULL REFERENCES identity_provider (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    UNIQUE (provider_id, issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_of_person ON identity (user_id, created_at, id);

-- Memberships that a provider or a directory gave, and which one: the 16 bytes of the provider, or of the organization
-- for its directory. A membership that stands here is changed and ended by its source alone, and by people.
CREATE TABLE given_membership (
    user_id BLOB NOT NULL,
    workspace_id BLOB NOT NULL,
    source BLOB NOT NULL CHECK (length(source) = 16),
    PRIMARY KEY (user_id, workspace_id),
    FOREIGN KEY (user_id, workspace_id) REFERENCES membership (user_id, workspace_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE group_roles (
    organization_id BLOB PRIMARY KEY NOT NULL REFERENCES organization (id),
    document TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether the provider proved a second factor that the organization takes for one.
ALTER TABLE session ADD COLUMN provider_factor INTEGER NOT NULL DEFAULT 0 CHECK (provider_factor IN (0, 1));
