-- Whether a service may have replaced the refresh token of a grant in an answer that never came here.

ALTER TABLE oauth_grant ADD COLUMN may_be_spent INTEGER NOT NULL DEFAULT 0 CHECK (may_be_spent IN (0, 1));
