-- Accounts, todo lists, conversations, and the turns that tie them together.
-- Constraints make bad states impossible; lengths are those of docs/API.md.

CREATE TABLE "user" (
    id               uuid PRIMARY KEY,
    email            text NOT NULL CHECK (octet_length(email) BETWEEN 3 AND 254),
    password_hash    text NOT NULL,
    name             text CHECK (char_length(name) BETWEEN 1 AND 100),
    -- Raised to end every access token of the user at once.
    token_version    integer NOT NULL DEFAULT 0,
    -- The number of the newest task, deleted ones included: numbers are never reused.
    last_task_number bigint NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_email_unique UNIQUE (email)
);

CREATE TABLE todo (
    user_id     uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    number      bigint NOT NULL CHECK (number > 0),
    title       text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 255),
    description text CHECK (char_length(description) BETWEEN 1 AND 2000),
    completed   boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, number)
);

CREATE TABLE conversation (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    title         text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 255),
    -- The seq of the newest message: order comes from here, under this row's lock.
    last_seq      integer NOT NULL DEFAULT 0,
    -- What the person saw: their messages and one answer to each.
    message_count integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX conversation_by_activity ON conversation (user_id, updated_at DESC, id DESC);

CREATE TABLE turn (
    id                uuid PRIMARY KEY,
    user_id           uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    conversation_id   uuid NOT NULL REFERENCES conversation ON DELETE CASCADE,
    client_message_id text CHECK (octet_length(client_message_id) BETWEEN 1 AND 255),
    idempotency_key   text CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255),
    body_hash         bytea CHECK (octet_length(body_hash) = 32),
    state             text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'answered', 'failed')),
    -- The seq of the person's message, which is the turn's first.
    first_seq         integer NOT NULL CHECK (first_seq > 0),
    -- How many steps are committed.
    step              integer NOT NULL DEFAULT 0,
    -- Who works on it: raised with every takeover; commits under an older fence are refused.
    fence             integer NOT NULL DEFAULT 1,
    -- How often somebody has begun to work on it since a person asked for it.
    attempt           smallint NOT NULL DEFAULT 1,
    -- The seq of the closing message. A turn that was reopened keeps its old ending, this message
    -- and the columns below, until a new one replaces it.
    closing_seq       integer,
    -- The steps that were committed before the turn was reopened: 0 for one that never was.
    base_step         integer NOT NULL DEFAULT 0,
    -- Reopened for another answer: what was done by then is not done again.
    regenerates       boolean NOT NULL DEFAULT false,
    lease_until       timestamptz NOT NULL,
    stop_requested    boolean NOT NULL DEFAULT false,
    finish_reason     text CHECK (finish_reason IN ('stop', 'length', 'content_filter', 'step_limit', 'cancelled')),
    failure           text,
    model             text,
    prompt_tokens     integer,
    completion_tokens integer,
    created_at        timestamptz NOT NULL DEFAULT now(),
    ended_at          timestamptz,
    CONSTRAINT turn_key_unique UNIQUE (user_id, idempotency_key),
    CHECK ((idempotency_key IS NULL) = (body_hash IS NULL)),
    CHECK (finish_reason IS NULL OR failure IS NULL),
    CHECK (state <> 'answered' OR (finish_reason IS NOT NULL AND closing_seq IS NOT NULL)),
    CHECK (state <> 'failed' OR (failure IS NOT NULL AND closing_seq IS NOT NULL)),
    CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX turn_one_running ON turn (conversation_id) WHERE state = 'running';
CREATE UNIQUE INDEX turn_in_order ON turn (conversation_id, first_seq);

CREATE TABLE message (
    conversation_id uuid NOT NULL REFERENCES conversation ON DELETE CASCADE,
    seq             integer NOT NULL CHECK (seq > 0),
    turn_id         uuid NOT NULL REFERENCES turn ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('user', 'assistant', 'tool')),
    -- What is said; of a tool, the result as JSON text.
    content         text NOT NULL,
    -- Of an assistant: [{"id", "name", "arguments": {…}}, …].
    tool_calls      jsonb CHECK (jsonb_typeof(tool_calls) = 'array' AND jsonb_array_length(tool_calls) > 0),
    -- Of a tool: the call it answers.
    tool_call_id    text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, seq),
    CHECK ((role = 'tool') = (tool_call_id IS NOT NULL)),
    CHECK (tool_calls IS NULL OR role = 'assistant'),
    CHECK (content <> '' OR tool_calls IS NOT NULL)
);
CREATE INDEX message_of_turn ON message (turn_id);

-- What was changed in a todo list, by whom, through which door: the ground for undo and audit, and
-- for keyed additions the stored answer.
CREATE TABLE todo_change (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES "user" ON DELETE CASCADE,
    number          bigint NOT NULL,
    door            text NOT NULL CHECK (door IN ('rest', 'chat', 'mcp')),
    turn_id         uuid REFERENCES turn ON DELETE SET NULL,
    before          jsonb,
    after           jsonb,
    idempotency_key text CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255),
    body_hash       bytea CHECK (octet_length(body_hash) = 32),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT todo_change_key_unique UNIQUE (user_id, idempotency_key),
    CHECK (before IS NOT NULL OR after IS NOT NULL),
    CHECK ((idempotency_key IS NULL) = (body_hash IS NULL))
);
CREATE INDEX todo_change_of_user ON todo_change (user_id, id);
CREATE INDEX todo_change_of_turn ON todo_change (turn_id) WHERE turn_id IS NOT NULL;
