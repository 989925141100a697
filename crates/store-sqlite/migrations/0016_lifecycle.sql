-- What time does to a credential: when the secret ends by itself, what belongs to the former secret of a rotation
-- while it is kept (JSON), what the sweep has told (JSON), the earliest end of all, and when the sweep looks again.

ALTER TABLE credential ADD COLUMN secret_ends_at INTEGER;
ALTER TABLE credential ADD COLUMN former TEXT;
ALTER TABLE credential ADD COLUMN lifecycle TEXT NOT NULL DEFAULT '{}';
ALTER TABLE credential ADD COLUMN ends_at INTEGER;
-- 0: not looked at yet; null: time does nothing to it.
ALTER TABLE credential ADD COLUMN due_at INTEGER DEFAULT 0;

UPDATE credential SET ends_at = expires_at;
UPDATE credential SET due_at = NULL WHERE status = 'revoked';

CREATE INDEX credential_due ON credential (due_at) WHERE due_at IS NOT NULL;
