-- What an account has used of its budgets. Deleting conversations does not give any of it back.
CREATE TABLE account_usage (
    user_id      uuid PRIMARY KEY REFERENCES "user" ON DELETE CASCADE,
    -- The turns that were begun since window_start; the window is of the domain's length.
    window_start timestamptz NOT NULL DEFAULT now(),
    turns        integer NOT NULL DEFAULT 0,
    -- The tokens that were used on a day (UTC).
    day          date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    tokens       bigint NOT NULL DEFAULT 0
);

CREATE INDEX turn_running_of_user ON turn (user_id) WHERE state = 'running';

-- Changes are counted by time, and forgotten by time and number.
CREATE INDEX todo_change_by_time ON todo_change (user_id, created_at);
