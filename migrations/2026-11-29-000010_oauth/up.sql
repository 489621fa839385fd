-- Programs that people connect by OAuth, and what they let them do.

-- A program that has registered itself (RFC 7591). One that is known by the address of a document about
-- it has no row.
CREATE TABLE oauth_client (
    id            uuid PRIMARY KEY,
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    uri           text CHECK (char_length(uri) BETWEEN 1 AND 500),
    redirect_uris text[] NOT NULL CHECK (cardinality(redirect_uris) BETWEEN 1 AND 10),
    created_at    timestamptz NOT NULL DEFAULT now(),
    -- When a person has last let it in. NULL: nobody has.
    used_at       timestamptz
);
CREATE INDEX oauth_client_unused ON oauth_client (created_at DESC) WHERE used_at IS NULL;
CREATE INDEX oauth_client_by_use ON oauth_client (used_at) WHERE used_at IS NOT NULL;

-- What a person lets a program do. It begins as a code, which is good once; then it has a refresh token,
-- of which a hash is kept and that of the one before, as of a session's.
CREATE TABLE oauth_grant (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    -- The version of the user's tokens when it began: it ends with that, whoever raises it.
    token_version  integer NOT NULL,
    -- The id of an oauth_client, or the address of a document.
    client_id      text NOT NULL CHECK (char_length(client_id) BETWEEN 1 AND 500),
    client_name    text NOT NULL CHECK (char_length(client_name) BETWEEN 1 AND 100),
    client_uri     text CHECK (char_length(client_uri) BETWEEN 1 AND 500),
    scopes         text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ '{tasks:read,tasks:write}'),
    code_hash      bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    redirect_uri   text NOT NULL CHECK (char_length(redirect_uri) BETWEEN 1 AND 500),
    code_challenge text NOT NULL CHECK (char_length(code_challenge) = 43),
    -- NULL while the code was not presented.
    secret_hash    bytea CHECK (octet_length(secret_hash) = 32),
    previous_hash  bytea CHECK (octet_length(previous_hash) = 32),
    rotated_at     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    CHECK ((secret_hash IS NULL) = (rotated_at IS NULL))
);
CREATE INDEX oauth_grant_of_user ON oauth_grant (user_id);
CREATE INDEX oauth_grant_of_client ON oauth_grant (client_id);
CREATE INDEX oauth_grant_by_end ON oauth_grant (expires_at);

-- A token that a program was given under a grant, and not by hand, ends with it.
ALTER TABLE access_token ADD COLUMN grant_id uuid REFERENCES oauth_grant ON DELETE CASCADE;
CREATE INDEX access_token_of_grant ON access_token (grant_id) WHERE grant_id IS NOT NULL;
