-- +goose Up
-- Repositories whose open issues are brought in: how far each is.
CREATE TABLE github_backfills (
    repository_id BIGINT PRIMARY KEY,
    repository    TEXT NOT NULL,
    state         TEXT NOT NULL,
    round         BIGINT NOT NULL DEFAULT 1,
    page          BIGINT NOT NULL DEFAULT 0,
    next          TEXT NOT NULL DEFAULT '',
    reached       BIGINT NOT NULL DEFAULT 0,
    total         BIGINT NOT NULL DEFAULT 0,
    made          BIGINT NOT NULL DEFAULT 0,
    joined        BIGINT NOT NULL DEFAULT 0,
    skipped       BIGINT NOT NULL DEFAULT 0,
    failed        BIGINT NOT NULL DEFAULT 0,
    fresh         BIGINT NOT NULL DEFAULT 0,
    started_by    TEXT NOT NULL DEFAULT '',
    started_name  TEXT NOT NULL DEFAULT '',
    last_error    TEXT NOT NULL DEFAULT '',
    not_before    TIMESTAMP,
    started_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL,
    ended_at      TIMESTAMP
);

-- Duplicates that wait for the theme of another issue: each issue that is tied is looked for.
CREATE INDEX issue_links_duplicates ON issue_links (repository_id, number) WHERE state_reason = 'duplicate';
