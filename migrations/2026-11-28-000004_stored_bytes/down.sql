ALTER TABLE account_usage DROP COLUMN stored_bytes;
