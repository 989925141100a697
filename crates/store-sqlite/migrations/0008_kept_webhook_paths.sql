-- The webhook path of the last activation. It is kept while the workflow is paused, so that no other workspace takes
-- the address that services outside still call.

ALTER TABLE workflow ADD COLUMN kept_webhook_path TEXT;
UPDATE workflow SET kept_webhook_path = webhook_path;
CREATE INDEX workflow_kept_webhook_path ON workflow (kept_webhook_path) WHERE kept_webhook_path IS NOT NULL;
