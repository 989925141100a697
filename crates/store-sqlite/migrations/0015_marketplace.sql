-- Registries that an organization trusts, and packages that a workspace installed. The connector itself stands in
-- `connector`; here stands where it came from, and the version before it.

CREATE TABLE marketplace_registry (
    organization_id BLOB NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    root BLOB NOT NULL,
    added_by BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE marketplace_install (
    workspace_id BLOB NOT NULL,
    id TEXT NOT NULL,
    registry TEXT NOT NULL,
    version TEXT NOT NULL,
    reach TEXT NOT NULL,
    installed_by BLOB NOT NULL,
    installed_at INTEGER NOT NULL,
    former_version TEXT,
    former_reach TEXT,
    former_summary TEXT,
    former_pack BLOB,
    PRIMARY KEY (workspace_id, id)
) STRICT;
