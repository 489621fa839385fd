-- When another answer was asked for, or the message was edited: "tomorrow" is read from there. A turn that
-- was answered once only has none, and is of the time when it began.
ALTER TABLE turn ADD COLUMN asked_at timestamptz;
