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
