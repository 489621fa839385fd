-- The keys of requests for another answer, or for an answer to an edited message: which turn was reopened
-- under each. The key that a turn was begun under is in its own row.
CREATE TABLE regeneration (
    user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    idempotency_key text NOT NULL,
    body_hash bytea NOT NULL,
    turn_id uuid NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, idempotency_key)
);
CREATE INDEX regeneration_of_turn ON regeneration (turn_id);
-- The key that a turn was reopened under, while it has no end since: it is forgotten when the attempt fails
-- before it did anything, so that the same request may try again.
ALTER TABLE turn ADD COLUMN regeneration_key text;

-- What the planner takes an account for, from the next ANALYZE on. Left to itself it counts, and where most
-- accounts are nearly empty it thinks that all are: then any index that begins with the account looks as good
-- as the one that finds the row, every task of a list is looked at for each, and to delete a full account, or
-- to take back much at once, takes longer than a statement may. A negative number is a part of the rows: an
-- account has two hundred tasks, and so on.
ALTER TABLE todo ALTER COLUMN user_id SET (n_distinct = -0.005);
ALTER TABLE todo_change ALTER COLUMN user_id SET (n_distinct = -0.005);
ALTER TABLE todo_batch ALTER COLUMN user_id SET (n_distinct = -0.02);
ALTER TABLE conversation ALTER COLUMN user_id SET (n_distinct = -0.02);
ALTER TABLE turn ALTER COLUMN user_id SET (n_distinct = -0.005), ALTER COLUMN conversation_id SET (n_distinct = -0.05);
ALTER TABLE message ALTER COLUMN conversation_id SET (n_distinct = -0.02);
