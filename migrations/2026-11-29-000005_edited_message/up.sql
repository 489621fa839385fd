-- What the person said before they edited it, while the new words have no answer yet: it comes back
-- when the attempt to answer them fails before it did anything.
ALTER TABLE turn ADD COLUMN message_before_edit text;
