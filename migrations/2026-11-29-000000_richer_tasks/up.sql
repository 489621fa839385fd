-- When a task is due is kept as it was meant: a date, perhaps a time of day, and the time zone of the
-- wall clock it is read off. due_at is derived from these three whenever they are written, for sorting
-- and for what is overdue; it is NULL without a time of day.
ALTER TABLE todo
    ADD COLUMN due_date date,
    ADD COLUMN due_time time,
    ADD COLUMN due_zone text,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN completed_at timestamptz,
    -- 0 for none, 1 low, 2 medium, 3 high.
    ADD COLUMN priority smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 3),
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 10),
    -- A recurrence rule (RFC 5545 3.3.10), perhaps with X-FROM=COMPLETION.
    ADD COLUMN repeat text CHECK (octet_length(repeat) BETWEEN 1 AND 200),
    -- What search compares: title, description and tags as the server folds them. The first two are
    -- NULL in rows of earlier versions until the server fills them in.
    ADD COLUMN title_key text,
    ADD COLUMN description_key text,
    ADD COLUMN tag_keys text[] NOT NULL DEFAULT '{}',
    -- Raised with every change: an ETag.
    ADD COLUMN revision bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT todo_due_is_whole CHECK (
        (due_date IS NULL) = (due_zone IS NULL)
        AND (due_time IS NULL OR due_date IS NOT NULL)
        AND (due_time IS NULL) = (due_at IS NULL)
        AND (repeat IS NULL OR due_date IS NOT NULL)
    );
UPDATE todo SET completed_at = updated_at WHERE completed;
-- The rows that the server has to fill in.
CREATE INDEX todo_without_key ON todo (user_id, number) WHERE title_key IS NULL;
CREATE INDEX todo_due ON todo (user_id, due_date) WHERE due_date IS NOT NULL;

ALTER TABLE "user"
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    ADD COLUMN week_start text NOT NULL DEFAULT 'monday' CHECK (week_start IN ('monday', 'sunday', 'saturday'));

-- What "tomorrow" and "this week" meant when the message was sent: whoever goes on with the turn, and
-- whenever, reads them the same way.
ALTER TABLE turn
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    ADD COLUMN week_start text NOT NULL DEFAULT 'monday';
