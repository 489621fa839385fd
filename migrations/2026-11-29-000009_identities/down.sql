ALTER TABLE "user" DROP COLUMN avatar_url, DROP COLUMN oauth_provider, DROP COLUMN has_password;
DROP TABLE identity;
DROP TABLE provider_sign_in;
