ALTER TABLE turn DROP COLUMN regeneration_key;
DROP TABLE regeneration;
