-- Links that a person is sent by mail, or handed by whoever runs the server: each is good once and for a
-- while. Kept is a SHA-256 of the secret in it.
CREATE TABLE one_time_token (
    secret_hash bytea PRIMARY KEY CHECK (octet_length(secret_hash) = 32),
    user_id     uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    purpose     text NOT NULL CHECK (purpose IN ('reset_password', 'confirm_email')),
    -- It went to the account's address: whoever has it reads the mail that arrives there.
    by_mail     boolean NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX one_time_token_of_user ON one_time_token (user_id);

-- When the person showed that mail to their address reaches them.
ALTER TABLE "user" ADD COLUMN email_confirmed_at timestamptz;
