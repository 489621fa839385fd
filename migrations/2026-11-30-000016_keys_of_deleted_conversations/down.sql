DROP TABLE deleted_conversation_key;
