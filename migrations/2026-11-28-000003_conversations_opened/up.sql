-- How many conversations an account has opened since they were last counted. They are counted again
-- when this reaches the limit, and not for every message.
ALTER TABLE account_usage ADD COLUMN conversations_opened bigint NOT NULL DEFAULT 0;
INSERT INTO account_usage (user_id, conversations_opened)
    SELECT user_id, count(*) FROM conversation GROUP BY user_id
    ON CONFLICT (user_id) DO UPDATE SET conversations_opened = excluded.conversations_opened;
