-- Whether an account has open subtasks is asked at every look at its tasks, however many are finished.
CREATE INDEX todo_open_subtask ON todo (user_id, parent) WHERE parent IS NOT NULL AND NOT completed;

-- Answers to batches are forgotten by their age.
CREATE INDEX todo_batch_by_time ON todo_batch (user_id, created_at);

-- What of an account's stored bytes is not messages: measured now and then, where messages are counted as they are
-- written. It is not known of an account that was measured before there was this column.
ALTER TABLE account_usage ADD COLUMN list_bytes bigint;

-- What stands again with an answer when another one that was asked for is not given: how many of its turn's steps it
-- had replaced itself, and after how many of them its message had been edited. A reopened turn is about to forget both.
-- Last, because every turn that runs waits for the lock of this table, and the indexes take their time.
ALTER TABLE turn ADD COLUMN replaced_before integer NOT NULL DEFAULT 0, ADD COLUMN edited_after_before_edit integer;
