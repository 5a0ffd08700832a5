-- +goose Up
-- What a suggestion owes its person: who answers it, by when, and whether it may ever leave the team.

-- urgency: '' until told; team '' is everybody's. confidential: never shown to anybody but staff and never matched, whatever becomes of it.
ALTER TABLE suggestions ADD COLUMN urgency TEXT NOT NULL DEFAULT '';
ALTER TABLE suggestions ADD COLUMN team TEXT NOT NULL DEFAULT '';
ALTER TABLE suggestions ADD COLUMN confidential BOOLEAN NOT NULL DEFAULT FALSE;
-- The first-reply clock: due at reply_due_at, stopped at first_replied_at. Without a due date there is no clock.
ALTER TABLE suggestions ADD COLUMN reply_due_at TIMESTAMP;
ALTER TABLE suggestions ADD COLUMN first_replied_at TIMESTAMP;
CREATE INDEX suggestions_owed ON suggestions (reply_due_at) WHERE first_replied_at IS NULL AND reply_due_at IS NOT NULL;
