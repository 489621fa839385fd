DELETE FROM access_token WHERE grant_id IS NOT NULL;
ALTER TABLE access_token DROP COLUMN grant_id;
DROP TABLE oauth_grant;
DROP TABLE oauth_client;
