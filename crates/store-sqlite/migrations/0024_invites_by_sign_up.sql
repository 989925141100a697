-- Whether the guest asked for an invitation because a policy lets them: it holds for as long as that policy does.
ALTER TABLE invite ADD COLUMN by_sign_up INTEGER NOT NULL DEFAULT 0 CHECK (by_sign_up IN (0, 1));
