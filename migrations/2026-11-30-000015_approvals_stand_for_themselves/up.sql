-- A turn's clock and calendar change when another answer is asked for; a question keeps those under which it was
-- asked. Rows of the version before have neither, and are read with their turn's.
ALTER TABLE approval
    ADD COLUMN asked_at timestamptz,
    -- Void because another answer was asked for: it waits again if no other answer comes.
    ADD COLUMN is_set_aside boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT approval_is_of_a_turn_or_a_program,
    ADD CONSTRAINT approval_is_of_a_turn_or_a_program CHECK (
        num_nulls(conversation_id, turn_id, call_id) = 0
        OR num_nonnulls(conversation_id, turn_id, call_id) = 0 AND num_nulls(time_zone, week_start) = 0
    );
