-- The words by which messages are found: letters and digits, whatever stands between them. The parser of text search
-- also knows addresses, paths and words with hyphens. It keeps those whole, so that their parts are not found, and it
-- takes the square of the length of a text that may be one: "~/~/~/..." of 10,000 characters took half a second.
-- Of 260,000 characters, at most four bytes each with all that is kept of them, the vector stays below its 1 MiB.
CREATE FUNCTION message_search_vector(content text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.to_tsvector('pg_catalog.simple'::pg_catalog.regconfig, pg_catalog.translate(
        pg_catalog.left(content, 260000), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '
    ))
$$;
-- First what waits for everybody else: where it must give way, nothing was done in vain.
DROP INDEX message_words;
CREATE INDEX message_search ON message USING gin (message_search_vector(content)) WHERE tool_call_id IS NULL;
