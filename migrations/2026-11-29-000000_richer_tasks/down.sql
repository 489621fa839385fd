ALTER TABLE turn DROP COLUMN week_start, DROP COLUMN time_zone;
ALTER TABLE "user" DROP COLUMN week_start, DROP COLUMN time_zone;
DROP INDEX todo_without_key;
DROP INDEX todo_due;
ALTER TABLE todo
    DROP CONSTRAINT todo_due_is_whole,
    DROP COLUMN revision,
    DROP COLUMN tag_keys,
    DROP COLUMN description_key,
    DROP COLUMN title_key,
    DROP COLUMN repeat,
    DROP COLUMN tags,
    DROP COLUMN priority,
    DROP COLUMN completed_at,
    DROP COLUMN due_at,
    DROP COLUMN due_zone,
    DROP COLUMN due_time,
    DROP COLUMN due_date;
