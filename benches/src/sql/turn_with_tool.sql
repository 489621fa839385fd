\set number random(1, 281474976710655)
BEGIN;
INSERT INTO conversation (id, user_id, title) VALUES (('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid, ('00000000-0000-4000-8000-00000000000' || :client_id)::uuid, 'Hello there');
INSERT INTO account_usage AS usage (user_id, turns) VALUES (('00000000-0000-4000-8000-00000000000' || :client_id)::uuid, 1)
    ON CONFLICT (user_id) DO UPDATE SET turns = usage.turns + 1;
WITH target AS (
    UPDATE conversation SET last_seq = last_seq + 1, message_count = message_count + 1, updated_at = now()
    WHERE id = ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid RETURNING id, user_id, last_seq
), inserted AS (
    INSERT INTO turn (id, user_id, conversation_id, first_seq, lease_until)
    SELECT id, user_id, id, last_seq, now() + interval '20 s' FROM target
)
INSERT INTO message (conversation_id, seq, turn_id, role, content)
SELECT id, last_seq, id, 'user', 'Hello there' FROM target RETURNING seq;
COMMIT;
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
BEGIN;
SELECT id, title FROM conversation WHERE id = ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid FOR UPDATE;
SELECT * FROM turn WHERE id = ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid AND fence = 1 FOR UPDATE;
WITH target AS (
    UPDATE conversation SET last_seq = last_seq + 1, message_count = message_count + 1, updated_at = now()
    WHERE id = ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid RETURNING id, last_seq
)
INSERT INTO message (conversation_id, seq, turn_id, role, content)
SELECT id, last_seq, id, 'assistant', 'Hello to you.' FROM target RETURNING seq;
UPDATE turn SET state = 'answered', finish_reason = 'stop', closing_seq = first_seq + 1, ended_at = now(),
    model = 'gpt-4o-mini', prompt_tokens = 500, completion_tokens = 5 WHERE id = ('00000000-0000-4000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid;
INSERT INTO account_usage AS usage (user_id, tokens) VALUES (('00000000-0000-4000-8000-00000000000' || :client_id)::uuid, 505)
    ON CONFLICT (user_id) DO UPDATE SET tokens = usage.tokens + 505;
COMMIT;
BEGIN;
INSERT INTO account_usage AS usage (user_id, tokens) VALUES (('00000000-0000-4000-8000-00000000000' || :client_id)::uuid, 105)
    ON CONFLICT (user_id) DO UPDATE SET tokens = usage.tokens + 105;
COMMIT;
