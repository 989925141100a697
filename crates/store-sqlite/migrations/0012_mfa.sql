-- Second factors: shared secrets for one-time codes, recovery codes, passkeys, the challenges of passkeys, and the
-- policies of organizations, one of which requires a factor. Shared secrets themselves stand in `sealed_secret`.

CREATE TABLE totp (
    user_id BLOB PRIMARY KEY NOT NULL REFERENCES person (id),
    -- Counts the person's secrets, the ones that were never confirmed too; bound into each sealed one.
    counter INTEGER NOT NULL,
    -- The secret that is in use, and since when; null before the first one is confirmed.
    active_revision INTEGER,
    confirmed_at INTEGER,
    -- When the secret was shown that is not confirmed yet.
    pending_since INTEGER,
    -- The last step whose code was taken. Only a later one is taken after it.
    last_step INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A hash of 80 random bits, so a fast one is right.
CREATE TABLE recovery_code (
    user_id BLOB NOT NULL REFERENCES person (id),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkey (
    id BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES person (id),
    credential_id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The public key with its counter and flags, as JSON. Nothing in it is secret.
    key TEXT NOT NULL,
    -- Counts changes of `key`.
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX passkey_of_person ON passkey (user_id, created_at, id);

-- A challenge is found by the SHA-256 of its identifier, and taken once.
CREATE TABLE passkey_challenge (
    id_hash BLOB PRIMARY KEY NOT NULL CHECK (length(id_hash) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('enrol', 'prove', 'sign_in')),
    -- The session that it belongs to; null for a sign-in, which has none yet.
    session_id BLOB,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX passkey_challenge_age ON passkey_challenge (created_at);

CREATE TABLE organization_policies (
    organization_id BLOB PRIMARY KEY NOT NULL REFERENCES organization (id),
    document TEXT NOT NULL,
    -- Whether its members need a second factor: asked with every request, hence beside the document.
    requires_mfa INTEGER NOT NULL CHECK (requires_mfa IN (0, 1)),
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
