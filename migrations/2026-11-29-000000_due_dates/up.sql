-- When a task is due is kept as it was meant: a date, perhaps a time of day, and the time zone of the
-- wall clock it is read off. due_at is derived from these three whenever they are written, for sorting
-- and for what is overdue; it is NULL without a time of day.
ALTER TABLE todo
    ADD COLUMN due_date date,
    ADD COLUMN due_time time,
    ADD COLUMN due_zone text,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN completed_at timestamptz,
    -- Raised with every change: an ETag.
    ADD COLUMN revision bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT todo_due_is_whole CHECK (
        (due_date IS NULL) = (due_zone IS NULL)
        AND (due_time IS NULL OR due_date IS NOT NULL)
        AND (due_time IS NULL) = (due_at IS NULL)
    );
UPDATE todo SET completed_at = updated_at WHERE completed;
CREATE INDEX todo_due ON todo (user_id, due_date) WHERE due_date IS NOT NULL;

ALTER TABLE "user"
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    ADD COLUMN week_start text NOT NULL DEFAULT 'monday' CHECK (week_start IN ('monday', 'sunday', 'saturday'));

-- What "tomorrow" and "this week" meant when the message was sent: whoever goes on with the turn, and
-- whenever, reads them the same way.
ALTER TABLE turn
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    ADD COLUMN week_start text NOT NULL DEFAULT 'monday';
