ALTER TABLE turn DROP COLUMN message_before_edit;
