-- Whether an account has open subtasks is asked at every look at its tasks, however many are finished.
CREATE INDEX todo_open_subtask ON todo (user_id, parent) WHERE parent IS NOT NULL AND NOT completed;

-- Answers to batches are forgotten by their age.
CREATE INDEX todo_batch_by_time ON todo_batch (user_id, created_at);

-- What of an account's stored bytes is not messages: measured now and then, where messages are counted as they are
-- written. It is not known of an account that was measured before there was this column.
ALTER TABLE account_usage ADD COLUMN list_bytes bigint;

-- The words by which messages are found: letters and digits, whatever stands between them. The parser also knows
-- addresses, paths and words with hyphens, which it keeps whole, so that their parts are not found; and it takes the
-- square of the length of a text that may be one: "~/~/~/..." of 10,000 characters took half a second.
CREATE FUNCTION words_of(content text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.to_tsvector('pg_catalog.simple'::pg_catalog.regconfig, pg_catalog.translate(
        content, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '
    ))
$$;
CREATE INDEX message_words_of ON message USING gin (words_of(content)) WHERE tool_call_id IS NULL;
DROP INDEX message_words;

-- What stands again with an answer when another one that was asked for is not given: how many of its turn's steps it
-- had replaced itself, and after how many of them its message had been edited. A reopened turn is about to forget both.
-- Last, because every turn that runs waits for the lock of this table, and the indexes take their time.
ALTER TABLE turn ADD COLUMN replaced_before integer NOT NULL DEFAULT 0, ADD COLUMN edited_after_before_edit integer;
