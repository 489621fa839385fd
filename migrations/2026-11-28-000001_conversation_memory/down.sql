DROP INDEX message_words;
ALTER TABLE conversation
    DROP COLUMN summary,
    DROP COLUMN summary_seq,
    DROP COLUMN has_own_title,
    DROP COLUMN model;
