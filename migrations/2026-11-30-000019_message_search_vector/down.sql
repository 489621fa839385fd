-- The index before this one takes minutes for a long text of paths ("~/~/..."), and refuses the longest.
DROP INDEX message_search;
CREATE INDEX message_words ON message USING gin (to_tsvector('simple', content)) WHERE tool_call_id IS NULL;
DROP FUNCTION message_search_vector;
