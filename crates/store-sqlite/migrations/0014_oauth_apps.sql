-- The operator's clients at services. Their secrets stand in `sealed_secret` under the app's id.

CREATE TABLE oauth_app (
    id BLOB PRIMARY KEY NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('installation', 'organization', 'workspace')),
    -- Who shares it: the 16 bytes of the workspace or the organization; nothing for the installation.
    place BLOB NOT NULL CHECK (length(place) IN (0, 16)),
    service TEXT NOT NULL,
    policy TEXT NOT NULL,
    secret_fields TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    secret_revision INTEGER NOT NULL,
    UNIQUE (place, service)
) STRICT, WITHOUT ROWID;
