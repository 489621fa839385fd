-- What stands again with an answer when another one that was asked for is not given: how many of its turn's steps it
-- had replaced itself, and after how many of them its message had been edited. A reopened turn is about to forget both.
ALTER TABLE turn ADD COLUMN replaced_before integer NOT NULL DEFAULT 0, ADD COLUMN edited_after_before_edit integer;
