WITH owner AS (
    UPDATE "user" SET last_task_number = last_task_number + 1
    WHERE id = ('00000000-0000-4000-8000-00000000000' || :client_id)::uuid
    RETURNING id, last_task_number
), added AS (
    INSERT INTO todo (user_id, number, title) SELECT id, last_task_number, 'A task of the benches' FROM owner
    RETURNING *
), recorded AS (
    INSERT INTO todo_change (user_id, number, door, after)
    SELECT user_id, number, 'rest', to_jsonb(added) - 'user_id' FROM added
)
SELECT number, title, description, completed, created_at, updated_at FROM added;
