-- How many steps a turn had when its message was edited last: those answered other words. It outlives the answer that
-- was asked for then, also one that failed half-way and is gone on with.
ALTER TABLE turn ADD COLUMN edited_after integer;
