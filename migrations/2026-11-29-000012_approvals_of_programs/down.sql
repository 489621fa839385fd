ALTER TABLE todo_change DROP COLUMN program;
ALTER TABLE turn DROP COLUMN program;
DELETE FROM approval WHERE turn_id IS NULL;
ALTER TABLE approval
    DROP CONSTRAINT approval_is_of_a_turn_or_a_program,
    DROP COLUMN program,
    DROP COLUMN time_zone,
    DROP COLUMN week_start,
    ALTER COLUMN conversation_id SET NOT NULL,
    ALTER COLUMN turn_id SET NOT NULL,
    ALTER COLUMN call_id SET NOT NULL;
