-- Sign-ins with a provider that have begun: what has to come back from there, once and within minutes.
CREATE TABLE provider_sign_in (
    state_hash    bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    provider      text NOT NULL CHECK (provider IN ('google', 'github')),
    -- RFC 7636 4.1; useless without the code that the person's browser brings.
    pkce_verifier text NOT NULL CHECK (char_length(pkce_verifier) BETWEEN 43 AND 128),
    expires_at    timestamptz NOT NULL
);
CREATE INDEX provider_sign_in_by_end ON provider_sign_in (expires_at);

-- Who a person is at a provider, by the id that never changes there.
CREATE TABLE identity (
    provider   text NOT NULL CHECK (provider IN ('google', 'github')),
    subject    text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 255),
    user_id    uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, subject)
);
CREATE INDEX identity_of_user ON identity (user_id);

ALTER TABLE "user"
    ADD COLUMN avatar_url text CHECK (char_length(avatar_url) BETWEEN 1 AND 500),
    -- With whom the account was made, if with a provider.
    ADD COLUMN oauth_provider text CHECK (oauth_provider IN ('google', 'github')),
    -- Without one the hash is of a password that nobody knows, so that a wrong password is compared as ever.
    ADD COLUMN has_password boolean NOT NULL DEFAULT true;
