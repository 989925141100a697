-- Requests for a wider scope of a credential. The policy is the credential's at the time of asking, as JSON.

CREATE TABLE scope_request (
    id BLOB PRIMARY KEY NOT NULL,
    credential_id BLOB NOT NULL,
    workspace_id BLOB NOT NULL,
    organization_id BLOB NOT NULL,
    asker BLOB NOT NULL,
    from_scope TEXT NOT NULL,
    to_scope TEXT NOT NULL,
    policy TEXT NOT NULL,
    note TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'approved', 'rejected', 'withdrawn', 'expired')),
    reason TEXT,
    decided_by BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;

-- One open request for a credential and a scope.
CREATE UNIQUE INDEX scope_request_open ON scope_request (credential_id, to_scope) WHERE status = 'open';
CREATE INDEX scope_request_due ON scope_request (expires_at) WHERE status = 'open';
CREATE INDEX scope_request_of_organization ON scope_request (organization_id, created_at, id);
