ALTER TABLE turn DROP COLUMN replaced_before, DROP COLUMN edited_after_before_edit;
