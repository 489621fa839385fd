-- Sessions: one row a device. Of its refresh tokens only hashes are kept, of the newest and of the
-- one before it, which a client presents again when the answer to its rotation was lost.

CREATE TABLE session (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    secret_hash   bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    previous_hash bytea CHECK (octet_length(previous_hash) = 32),
    rotated_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_of_user ON session (user_id);
