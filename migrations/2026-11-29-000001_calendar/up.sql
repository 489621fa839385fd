-- Who gives their tasks to calendar programs: whoever knows the secret may read them. Like refresh
-- tokens, secrets are stored as hashes only.
CREATE TABLE calendar (
    user_id     uuid PRIMARY KEY REFERENCES "user" ON DELETE CASCADE,
    secret_hash bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    created_at  timestamptz NOT NULL DEFAULT now()
);
