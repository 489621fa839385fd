DROP INDEX conversation_client_id;
ALTER TABLE conversation DROP COLUMN client_id;
