-- Calls of the assistant that wait for the person's yes. A row is answered once: `state` is compared
-- and set, and `result` is what came of it, for whoever asks again.
CREATE TABLE approval (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    conversation_id uuid NOT NULL REFERENCES conversation ON DELETE CASCADE,
    turn_id         uuid NOT NULL REFERENCES turn ON DELETE CASCADE,
    call_id         text NOT NULL CHECK (length(call_id) BETWEEN 1 AND 255),
    tool            text NOT NULL,
    arguments       jsonb NOT NULL CHECK (jsonb_typeof(arguments) = 'object'),
    -- [{"id", "title", "revision"}]: as they were when it was asked
    tasks           jsonb NOT NULL CHECK (jsonb_typeof(tasks) = 'array'),
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'approved', 'rejected', 'void')),
    result          jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    CHECK ((state = 'waiting') = (result IS NULL))
);
CREATE INDEX approval_of_user ON approval (user_id, created_at);
CREATE INDEX approval_of_turn ON approval (turn_id);
CREATE INDEX approval_of_conversation ON approval (conversation_id);
