-- Notifications: events that were not fanned out yet, what each person was told, what they chose of mails, and what
-- waits to be delivered. The secrets of webhook endpoints stand in `sealed_secret` under the endpoint's id.

-- Written in the transaction of the act that it is about: a record of the audit trail, or a run that failed.
CREATE TABLE notification_event (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    category TEXT NOT NULL,
    workspace_id BLOB NOT NULL,
    sequence INTEGER,
    execution_id BLOB,
    CHECK ((sequence IS NULL) <> (execution_id IS NULL))
) STRICT;

CREATE TABLE notification (
    id BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL,
    workspace_id BLOB NOT NULL,
    category TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    reason TEXT,
    -- How often it happened since it was last read.
    count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    read_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_of_person ON notification (user_id, last_at, id);
CREATE INDEX notification_age ON notification (last_at);

CREATE TABLE notification_setting (
    user_id BLOB PRIMARY KEY NOT NULL REFERENCES person (id),
    -- Category to frequency of mails, only what the person chose.
    chosen TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE notification_endpoint (
    id BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    url TEXT NOT NULL,
    categories TEXT NOT NULL,
    creator BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_endpoint_of_workspace ON notification_endpoint (workspace_id, created_at, id);

CREATE TABLE notification_delivery (
    id BLOB PRIMARY KEY NOT NULL,
    user_id BLOB,
    endpoint_id BLOB,
    -- The notification as it was then, as JSON.
    notification TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((user_id IS NULL) <> (endpoint_id IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_delivery_due ON notification_delivery (next_at);
CREATE INDEX notification_delivery_of_endpoint ON notification_delivery (endpoint_id) WHERE endpoint_id IS NOT NULL;
