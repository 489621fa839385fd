-- The idempotency keys of what was said in conversations that are deleted since: the same request, sent again,
-- says nothing anew. They are forgotten when nobody can rely on them any more.
CREATE TABLE deleted_conversation_key (
    user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    idempotency_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, idempotency_key)
);
