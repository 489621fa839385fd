-- Personal access tokens: how programs use an account, as far as their scopes reach. Kept is a SHA-256
-- of the secret. What gives a token its meaning (user, scopes, audience) never changes.
CREATE TABLE access_token (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ '{tasks:read,tasks:write,chat}'),
    audience     text NOT NULL,
    secret_hash  bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- at most two minutes behind
    last_used_at timestamptz,
    -- NULL: without an end
    expires_at   timestamptz
);
CREATE INDEX access_token_of_user ON access_token (user_id);

-- What a person signed in with, to know a device again.
ALTER TABLE session ADD COLUMN user_agent text CHECK (char_length(user_agent) BETWEEN 1 AND 200);
