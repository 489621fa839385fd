-- What a program asks for by a call of its own belongs to no turn. Replicas of the version before show no such
-- question, and fail to answer one.
ALTER TABLE approval
    ALTER COLUMN conversation_id DROP NOT NULL,
    ALTER COLUMN turn_id DROP NOT NULL,
    ALTER COLUMN call_id DROP NOT NULL,
    -- what the token was called with which it was asked for
    ADD COLUMN program text,
    -- what the person's clock and calendar showed; a turn has its own
    ADD COLUMN time_zone text,
    ADD COLUMN week_start text,
    ADD CONSTRAINT approval_is_of_a_turn_or_a_program CHECK (
        num_nulls(conversation_id, turn_id, call_id) = 0 AND num_nonnulls(time_zone, week_start) = 0
        OR num_nonnulls(conversation_id, turn_id, call_id) = 0 AND num_nulls(time_zone, week_start) = 0
    );

-- What the token was called with which somebody talks or changes tasks; NULL for who signed in. It outlives
-- the token.
ALTER TABLE turn ADD COLUMN program text;
ALTER TABLE todo_change ADD COLUMN program text;
