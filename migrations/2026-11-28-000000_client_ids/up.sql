-- A client may choose a conversation's id (AI SDK chats do). Ids that clients choose are each user's
-- own: when another user's conversation has the id already, the new one gets an id of ours, and this
-- column keeps the chosen one, which is then the only one that its user sees.
ALTER TABLE conversation ADD COLUMN client_id uuid;
CREATE UNIQUE INDEX conversation_client_id ON conversation (client_id, user_id) WHERE client_id IS NOT NULL;
