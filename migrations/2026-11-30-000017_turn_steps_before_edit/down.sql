ALTER TABLE turn DROP COLUMN edited_after;
