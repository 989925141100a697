-- Heads of the audit chains with a MAC under the audit key: whoever can write the database can compute a chain anew,
-- and not these.

CREATE TABLE audit_checkpoint (
    workspace_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (workspace_id, sequence)
) STRICT, WITHOUT ROWID;
