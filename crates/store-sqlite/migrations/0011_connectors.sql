-- Connectors that a workspace imported: what lists show, and the compiled form.

CREATE TABLE connector (
    workspace_id BLOB NOT NULL,
    id TEXT NOT NULL,
    summary TEXT NOT NULL,
    pack BLOB NOT NULL,
    imported_by BLOB NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, id)
) STRICT;
