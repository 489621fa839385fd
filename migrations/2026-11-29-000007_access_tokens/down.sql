ALTER TABLE session DROP COLUMN user_agent;
DROP TABLE access_token;
