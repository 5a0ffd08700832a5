-- +goose Up
-- A repository is known by its id: its name may change, and become another's.
CREATE TABLE github_repositories (
    id             BIGINT PRIMARY KEY,
    name           TEXT NOT NULL,
    since          TIMESTAMP NOT NULL,
    comments_since TIMESTAMP,
    checked_at     TIMESTAMP NOT NULL,
    seen_at        TIMESTAMP,
    last_error     TEXT NOT NULL DEFAULT '',
    private        BOOLEAN NOT NULL DEFAULT FALSE,
    trouble        TEXT NOT NULL DEFAULT ''
);
-- It may have been read under several names, or spellings of one: what was read least far counts,
-- and what waits for a person's word goes on waiting.
INSERT INTO github_repositories (id, name, since, comments_since, checked_at, last_error, private, trouble)
    SELECT l.repository_id, MAX(l.repository), MIN(c.since), MIN(c.comments_since), MAX(c.checked_at), MAX(c.last_error),
        MAX(CASE WHEN c.private THEN 1 ELSE 0 END) = 1, COALESCE(MAX(CASE WHEN c.trouble = 'github_now_public' THEN c.trouble END), MAX(c.trouble))
    FROM github_cursors c
    JOIN (SELECT DISTINCT repository_id, repository FROM issue_links WHERE repository_id <> 0) l ON LOWER(l.repository) = LOWER(c.repository)
    GROUP BY l.repository_id;
DROP TABLE github_cursors;

-- The issue of comments whose link was untied: tied again, they are known.
ALTER TABLE issue_comments ADD COLUMN untied_from BIGINT NOT NULL DEFAULT 0;
CREATE INDEX issue_comments_untied ON issue_comments (untied_from) WHERE untied_from <> 0;

-- Webhooks are taken note of as they come, and acted upon together.
ALTER TABLE hook_deliveries ADD COLUMN repository_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hook_deliveries ADD COLUMN taken_at TIMESTAMP;
UPDATE hook_deliveries SET taken_at = received_at;
CREATE INDEX hook_deliveries_waiting ON hook_deliveries (received_at) WHERE taken_at IS NULL;
CREATE INDEX issue_links_number ON issue_links (repository_id, number);
