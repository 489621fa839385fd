DROP INDEX todo_change_of_task;
ALTER TABLE todo_change DROP COLUMN undoes, DROP COLUMN undone_by, DROP COLUMN left_out;
