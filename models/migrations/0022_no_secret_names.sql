-- +goose Up
-- Nobody is called by the mask of a secret; a name that was one is none.
UPDATE people SET name = '', indexed = FALSE WHERE name LIKE '%‹%···›%';
UPDATE comments SET name = '' WHERE name LIKE '%‹%···›%';
-- The last three characters of a recovery phrase in Chinese are three of its words.
UPDATE findings SET last3 = '' WHERE rule = 'seed_phrase';
