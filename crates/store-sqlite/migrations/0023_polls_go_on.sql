-- Where a poll goes on that did not reach the end of its list.

ALTER TABLE event_subscription ADD COLUMN behind TEXT;
