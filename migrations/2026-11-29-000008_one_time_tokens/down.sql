ALTER TABLE "user" DROP COLUMN email_confirmed_at;
DROP TABLE one_time_token;
