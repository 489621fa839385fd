BEGIN;
WITH locked AS MATERIALIZED (
    SELECT id FROM conversation WHERE id = ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid FOR UPDATE
)
UPDATE turn SET step = step + 1 FROM locked
WHERE conversation_id = locked.id AND turn.id = ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid AND fence = 1 AND step = 0 AND state = 'running';
WITH owner AS (
    UPDATE "user" SET last_task_number = last_task_number + 1
    WHERE id = ('00000000-0000-4000-8000-00000000000' || :client_id)::uuid RETURNING id, last_task_number
), added AS (
    INSERT INTO todo (user_id, number, title) SELECT id, last_task_number, 'Milk' FROM owner RETURNING *
), recorded AS (
    INSERT INTO todo_change (user_id, number, door, turn_id, after)
    SELECT user_id, number, 'chat', ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid, to_jsonb(added) - 'user_id' FROM added
)
SELECT number, title, description, completed, created_at, updated_at FROM added;
WITH target AS (
    UPDATE conversation SET last_seq = last_seq + 2, updated_at = now() WHERE id = ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid RETURNING id, last_seq
)
INSERT INTO message (conversation_id, turn_id, seq, role, content, tool_calls, tool_call_id)
SELECT id, id, last_seq - 1, 'assistant', '',
    '[{"id": "call_1", "name": "add_task", "arguments": {"title": "Milk"}}]'::jsonb, NULL FROM target
UNION ALL
SELECT id, id, last_seq, 'tool', '{"number": 1, "title": "Milk", "completed": false}', NULL, 'call_1' FROM target;
COMMIT;
