-- Subscriptions: which workflow waits for which event of which service, and the deliveries that came lately.

CREATE TABLE event_subscription (
    id BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    organization_id BLOB NOT NULL,
    workflow_id BLOB NOT NULL,
    wanted INTEGER NOT NULL CHECK (wanted IN (0, 1)),
    way TEXT NOT NULL CHECK (way IN ('registered', 'manual', 'polling')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'registering', 'active', 'paused', 'removing')),
    connector TEXT NOT NULL,
    event TEXT NOT NULL,
    credential_id BLOB,
    inputs TEXT NOT NULL,
    acting_for BLOB NOT NULL,
    interval_ms INTEGER NOT NULL,
    registration TEXT,
    cursor TEXT,
    -- Counts claims: whoever presents an older number has lost.
    fence INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    -- When it is looked at next; while somebody tends it, when the claim ends.
    next_at INTEGER,
    error TEXT,
    last_event_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A workflow waits for one event. What is being removed may stand beside it.
CREATE UNIQUE INDEX event_subscription_wanted ON event_subscription (workflow_id) WHERE wanted = 1;
CREATE INDEX event_subscription_of_workflow ON event_subscription (workflow_id);
CREATE INDEX event_subscription_due ON event_subscription (next_at) WHERE next_at IS NOT NULL;

-- Hashes of what tells a delivery or an item apart.
CREATE TABLE event_delivery (
    number INTEGER PRIMARY KEY,
    subscription_id BLOB NOT NULL,
    key BLOB NOT NULL,
    UNIQUE (subscription_id, key)
) STRICT;

CREATE INDEX event_delivery_of_subscription ON event_delivery (subscription_id, number);
