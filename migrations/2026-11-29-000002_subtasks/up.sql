-- The order by hand: a smaller position is nearer the top. NULL is where the number puts a task that
-- nobody has moved, the newest at the top: the server's domain::manual_order has the same factor.
ALTER TABLE todo
    ADD COLUMN position bigint,
    -- The task under which it stands. A server removes it from there before it deletes that one.
    ADD COLUMN parent bigint CHECK (parent <> number),
    ADD CONSTRAINT todo_parent_exists FOREIGN KEY (user_id, parent) REFERENCES todo (user_id, number);
CREATE INDEX todo_by_hand ON todo (user_id, coalesce(position, number * -1048576), number DESC);
CREATE INDEX todo_of_parent ON todo (user_id, parent) WHERE parent IS NOT NULL;

-- What became of the changes of a batch under a key: the answer to whoever sends it again.
CREATE TABLE todo_batch (
    user_id         uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    idempotency_key text NOT NULL CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255),
    body_hash       bytea NOT NULL CHECK (octet_length(body_hash) = 32),
    outcomes        jsonb NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, idempotency_key)
);
