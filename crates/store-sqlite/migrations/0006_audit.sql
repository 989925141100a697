-- The audit trail: append-only, one hash chain for each workspace.

CREATE TABLE audit_record (
    workspace_id BLOB NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    at INTEGER NOT NULL,
    -- 0 person, 1 API key, 2 run, 3 Flero itself.
    actor_kind INTEGER NOT NULL,
    -- The person behind the actor, and the key or the run that they acted through.
    actor_user BLOB,
    actor_source BLOB,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (workspace_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_record_is_never_changed BEFORE UPDATE ON audit_record
BEGIN
    SELECT RAISE(ABORT, 'an audit record is never changed');
END;

CREATE TRIGGER audit_record_is_never_deleted BEFORE DELETE ON audit_record
BEGIN
    SELECT RAISE(ABORT, 'an audit record is never deleted');
END;

-- Which records are about a credential: it is the target or stands in the detail.
CREATE TABLE audit_credential (
    credential_id BLOB NOT NULL,
    workspace_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (credential_id, workspace_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head (
    workspace_id BLOB PRIMARY KEY NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;
