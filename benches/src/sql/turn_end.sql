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
