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
