UPDATE approval SET time_zone = NULL, week_start = NULL WHERE turn_id IS NOT NULL;
ALTER TABLE approval
    DROP COLUMN asked_at,
    DROP COLUMN is_set_aside,
    DROP CONSTRAINT approval_is_of_a_turn_or_a_program,
    ADD CONSTRAINT approval_is_of_a_turn_or_a_program CHECK (
        num_nulls(conversation_id, turn_id, call_id) = 0 AND num_nonnulls(time_zone, week_start) = 0
        OR num_nonnulls(conversation_id, turn_id, call_id) = 0 AND num_nulls(time_zone, week_start) = 0
    );
