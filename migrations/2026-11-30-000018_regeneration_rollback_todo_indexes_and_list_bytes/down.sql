DROP INDEX todo_open_subtask;
DROP INDEX todo_batch_by_time;
ALTER TABLE account_usage DROP COLUMN list_bytes;
ALTER TABLE turn DROP COLUMN replaced_before, DROP COLUMN edited_after_before_edit;
DROP INDEX message_words_of;
DROP FUNCTION words_of;
CREATE INDEX message_words ON message USING gin (to_tsvector('simple', content)) WHERE tool_call_id IS NULL;
