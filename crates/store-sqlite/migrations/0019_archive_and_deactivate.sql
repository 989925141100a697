-- Workspaces that are put away, and people who are shut out of an organization; both can be taken back.

ALTER TABLE workspace ADD COLUMN archived_at INTEGER;
ALTER TABLE organization_member ADD COLUMN deactivated_at INTEGER;
