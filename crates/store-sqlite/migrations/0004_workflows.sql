-- Workflows, every saved version, which node of which version refers to which credential, and what is armed.

CREATE TABLE workflow (
    id BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    name TEXT NOT NULL,
    tags TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'active', 'inactive', 'archived')),
    version INTEGER NOT NULL,
    active_version INTEGER,
    activated_by BLOB,
    activated_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    archived_at INTEGER,
    revision INTEGER NOT NULL,
    -- Name and tags in lower case, to search in.
    search TEXT NOT NULL,
    -- What activation arms; all empty while the workflow is not active.
    webhook_path TEXT,
    next_fire INTEGER,
    on_error INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX workflow_of_workspace ON workflow (workspace_id, updated_at, id);
CREATE UNIQUE INDEX workflow_webhook_path ON workflow (webhook_path) WHERE webhook_path IS NOT NULL;
CREATE INDEX workflow_next_fire ON workflow (next_fire) WHERE next_fire IS NOT NULL;

CREATE TABLE workflow_version (
    workflow_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    saved_by BLOB NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (workflow_id, version)
) STRICT;

CREATE TABLE workflow_reference (
    workflow_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    node TEXT NOT NULL,
    credential_id BLOB NOT NULL,
    PRIMARY KEY (workflow_id, version, node, credential_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX workflow_reference_to_credential ON workflow_reference (credential_id, workflow_id, version);
