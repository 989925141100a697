-- What is known of credentials besides the secret, which stands in `sealed_secret` under the credential's id.

CREATE TABLE credential (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL,
    workspace_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    name TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('personal', 'workspace', 'organization')),
    service TEXT NOT NULL,
    auth_type TEXT NOT NULL,
    -- The whole policy as JSON; service and kind stand beside it to filter by.
    policy TEXT NOT NULL,
    notes TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'expired', 'failing', 'revoked')),
    secret_fields TEXT NOT NULL,
    account TEXT,
    expires_at INTEGER,
    rotate_every_days INTEGER,
    secret_changed_at INTEGER NOT NULL,
    last_used_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    secret_revision INTEGER NOT NULL,
    -- Name, service and notes in lower case, to search in.
    search TEXT NOT NULL
) STRICT;

CREATE INDEX credential_of_workspace ON credential (workspace_id, created_at, id);
CREATE INDEX credential_of_organization ON credential (organization_id, created_at, id) WHERE scope = 'organization';
