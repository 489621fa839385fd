DROP TABLE todo_batch;
DROP INDEX todo_of_parent;
DROP INDEX todo_by_hand;
ALTER TABLE todo
    DROP CONSTRAINT todo_parent_exists,
    DROP COLUMN parent,
    DROP COLUMN position;
