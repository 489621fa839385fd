-- How many bytes an account keeps: measured now and then, and in between what its turns wrote since.
ALTER TABLE account_usage ADD COLUMN stored_bytes bigint NOT NULL DEFAULT 0;
