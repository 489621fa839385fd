ALTER TABLE turn DROP COLUMN regeneration_key;
DROP TABLE regeneration;

ALTER TABLE todo ALTER COLUMN user_id RESET (n_distinct);
ALTER TABLE todo_change ALTER COLUMN user_id RESET (n_distinct);
ALTER TABLE todo_batch ALTER COLUMN user_id RESET (n_distinct);
ALTER TABLE conversation ALTER COLUMN user_id RESET (n_distinct);
ALTER TABLE turn ALTER COLUMN user_id RESET (n_distinct), ALTER COLUMN conversation_id RESET (n_distinct);
ALTER TABLE message ALTER COLUMN conversation_id RESET (n_distinct);
