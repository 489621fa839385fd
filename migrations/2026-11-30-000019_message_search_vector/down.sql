CREATE INDEX message_words ON message USING gin (to_tsvector('simple', content)) WHERE tool_call_id IS NULL;
DROP INDEX message_search;
DROP FUNCTION message_search_vector;
