-- +goose Up
-- Emergencies stand on top of the inbox, which is not read through for them.
CREATE INDEX suggestions_confidential ON suggestions (id) WHERE confidential = TRUE;
