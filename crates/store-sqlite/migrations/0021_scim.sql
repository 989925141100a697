-- People and groups that an organization's directory keeps up by SCIM (RFC 7643).

CREATE TABLE scim_user (
    user_id BLOB NOT NULL REFERENCES person (id),
    organization_id BLOB NOT NULL REFERENCES organization (id),
    user_name TEXT NOT NULL,
    -- Lower case: names are compared without regard to it (RFC 7643 section 4.1.1).
    user_name_key TEXT NOT NULL,
    external_id TEXT,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    -- Whoever was deleted keeps a row, so that the directory finds the same account when they come back.
    state TEXT NOT NULL CHECK (state IN ('active', 'inactive', 'deleted')),
    -- Whether the directory made the account, and may give it another name and address.
    is_provisioned INTEGER NOT NULL CHECK (is_provisioned IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (user_id, organization_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX scim_user_name ON scim_user (organization_id, user_name_key) WHERE state <> 'deleted';

CREATE TABLE scim_group (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organization (id),
    display_name TEXT NOT NULL,
    external_id TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (organization_id, display_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE scim_group_member (
    group_id BLOB NOT NULL REFERENCES scim_group (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES person (id),
    PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX scim_group_of_person ON scim_group_member (user_id, group_id);
