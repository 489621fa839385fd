-- Undo. A change may take back earlier ones of the same task; which, it tells for good. undone_by says
-- by which change one is taken back now, and moves when an undo is undone. No foreign keys: old
-- records are forgotten.
ALTER TABLE todo_change
    ADD COLUMN undoes bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN undone_by bigint,
    -- Beside a key: the tasks that the undo under it has left out, for its answer.
    ADD COLUMN left_out jsonb;
-- What has become of a task since.
CREATE INDEX todo_change_of_task ON todo_change (user_id, number, id);
