-- The words by which messages are found: letters and digits, whatever stands between them. The parser of text search
-- also knows addresses, paths and words with hyphens. It keeps those whole, so that their parts are not found, and it
-- takes the square of the length of a text that may be one: "~/~/~/..." of 10,000 characters took half a second.
-- Of a longer text than this, from before texts had a bound, a vector could have more than its 1 MiB.
CREATE FUNCTION message_search_vector(content text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.to_tsvector('pg_catalog.simple'::pg_catalog.regconfig, pg_catalog.translate(
        pg_catalog.left(content, 131072), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '
    ))
$$;
CREATE INDEX message_search ON message USING gin (message_search_vector(content)) WHERE tool_call_id IS NULL;
DROP INDEX message_words;
