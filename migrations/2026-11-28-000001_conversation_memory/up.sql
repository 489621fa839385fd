-- What a conversation keeps beside its messages. A person sees every message; the model is sent the
-- summary, which holds those up to summary_seq, and the messages after it.
ALTER TABLE conversation
    ADD COLUMN summary text CHECK (char_length(summary) BETWEEN 1 AND 8000),
    ADD COLUMN summary_seq integer NOT NULL DEFAULT 0,
    -- The title is a person's or the model's, and no more the beginning of the first message.
    ADD COLUMN has_own_title boolean NOT NULL DEFAULT false,
    -- The model that the person chose; without one the configured one answers.
    ADD COLUMN model text CHECK (char_length(model) BETWEEN 1 AND 200),
    ADD CONSTRAINT conversation_summary_holds_something CHECK ((summary IS NULL) = (summary_seq = 0));

-- Searching what was said: words and their beginnings, in any language, without stemming.
CREATE INDEX message_words ON message USING gin (to_tsvector('simple', content))
    WHERE tool_call_id IS NULL;
