ALTER TABLE account_usage DROP COLUMN conversations_opened;
