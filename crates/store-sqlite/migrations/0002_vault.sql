-- The key tree: its state, the slots of the root key, the scope keys, every sealed secret, and the processes that
-- report which keys they have loaded.

CREATE TABLE vault_state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    instance_id BLOB NOT NULL,
    generation INTEGER NOT NULL,
    slots_mac BLOB NOT NULL,
    wrapped_audit_key BLOB NOT NULL
) STRICT;

CREATE TABLE vault_slot (
    id BLOB PRIMARY KEY NOT NULL,
    provider TEXT NOT NULL,
    provider_key_id TEXT NOT NULL,
    parameters TEXT NOT NULL,
    blob BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_verified_at INTEGER
) STRICT, WITHOUT ROWID;

-- Whoever deletes the last slot loses every secret, so the database itself refuses.
CREATE TRIGGER vault_slot_keeps_one BEFORE DELETE ON vault_slot
WHEN (SELECT count(*) FROM vault_slot) <= 1
BEGIN
    SELECT RAISE(ABORT, 'the last key slot cannot be removed');
END;

CREATE TABLE scope_key (
    scope_kind TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    state TEXT NOT NULL CHECK (state IN ('pre', 'active', 'decrypt', 'disabled', 'destroyed')),
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    state_since INTEGER NOT NULL,
    PRIMARY KEY (scope_kind, scope_id, version)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX scope_key_active ON scope_key (scope_kind, scope_id) WHERE state = 'active';

CREATE TABLE sealed_secret (
    owner TEXT NOT NULL,
    field TEXT NOT NULL,
    slot INTEGER NOT NULL CHECK (slot IN (0, 1)),
    revision INTEGER NOT NULL,
    scope_kind TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    key_version INTEGER NOT NULL,
    bound_type TEXT NOT NULL,
    policy_hash BLOB NOT NULL,
    blob BLOB NOT NULL,
    destroy_at INTEGER,
    PRIMARY KEY (owner, field, slot),
    FOREIGN KEY (scope_kind, scope_id, key_version) REFERENCES scope_key (scope_kind, scope_id, version)
) STRICT;

CREATE INDEX sealed_secret_under_key ON sealed_secret (scope_kind, scope_id, key_version, owner, field, slot);
CREATE INDEX sealed_secret_due ON sealed_secret (destroy_at) WHERE destroy_at IS NOT NULL;

-- A secret stands only under a key version that is in use; whatever the program believes.
CREATE TRIGGER sealed_secret_inserted_under_live_key BEFORE INSERT ON sealed_secret
WHEN NOT EXISTS (
    SELECT 1 FROM scope_key AS k
    WHERE k.scope_kind = NEW.scope_kind AND k.scope_id = NEW.scope_id AND k.version = NEW.key_version
      AND k.state IN ('active', 'decrypt')
)
BEGIN
    SELECT RAISE(ABORT, 'the key version is not in use');
END;

CREATE TRIGGER sealed_secret_moved_under_live_key
BEFORE UPDATE OF blob, scope_kind, scope_id, key_version ON sealed_secret
WHEN NOT EXISTS (
    SELECT 1 FROM scope_key AS k
    WHERE k.scope_kind = NEW.scope_kind AND k.scope_id = NEW.scope_id AND k.version = NEW.key_version
      AND k.state IN ('active', 'decrypt')
)
BEGIN
    SELECT RAISE(ABORT, 'the key version is not in use');
END;

CREATE TRIGGER scope_key_referred_to_stays BEFORE UPDATE OF state ON scope_key
WHEN NEW.state IN ('pre', 'disabled', 'destroyed') AND EXISTS (
    SELECT 1 FROM sealed_secret AS s
    WHERE s.scope_kind = NEW.scope_kind AND s.scope_id = NEW.scope_id AND s.key_version = NEW.version
)
BEGIN
    SELECT RAISE(ABORT, 'a secret refers to the key version');
END;

CREATE TABLE node_instance (
    id BLOB PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL,
    opens TEXT NOT NULL,
    reported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
