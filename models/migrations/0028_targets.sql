-- +goose Up
-- What a theme is planned for: a release or a day, in the team's own words.
ALTER TABLE themes ADD COLUMN target TEXT NOT NULL DEFAULT '';
-- The number of its issue's milestone when the two were last brought together; 0 for none.
ALTER TABLE issue_links ADD COLUMN milestone BIGINT NOT NULL DEFAULT 0;

-- Merged pull requests that were read, as they were then: each moves themes once.
CREATE TABLE github_merges (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    merged_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (repository_id, number)
);
