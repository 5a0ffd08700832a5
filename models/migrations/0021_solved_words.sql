-- +goose Up
-- What people say beside their answer, without its secrets: only staff reads it.
ALTER TABLE solved_answers ADD COLUMN words TEXT NOT NULL DEFAULT '';
ALTER TABLE solved_answers ADD COLUMN lang TEXT NOT NULL DEFAULT '';
