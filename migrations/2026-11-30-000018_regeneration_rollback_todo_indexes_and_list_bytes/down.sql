DROP INDEX todo_open_subtask;
DROP INDEX todo_batch_by_time;
ALTER TABLE account_usage DROP COLUMN list_bytes;
ALTER TABLE turn DROP COLUMN replaced_before, DROP COLUMN edited_after_before_edit;
