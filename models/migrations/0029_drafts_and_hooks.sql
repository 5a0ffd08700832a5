-- +goose Up
-- Releases that were published on GitHub, until staff ships or dismisses them here.
CREATE TABLE release_drafts (
    id            TEXT PRIMARY KEY,
    repository_id BIGINT NOT NULL,
    github_id     BIGINT NOT NULL,
    repository    TEXT NOT NULL,
    version       TEXT NOT NULL,
    name          TEXT NOT NULL DEFAULT '',
    notes         TEXT NOT NULL DEFAULT '',
    url           TEXT NOT NULL DEFAULT '',
    named         TEXT NOT NULL DEFAULT '',
    since         TIMESTAMP,
    published_at  TIMESTAMP NOT NULL,
    state         TEXT NOT NULL,
    release_id    TEXT NOT NULL DEFAULT '',
    decided_by    TEXT NOT NULL DEFAULT '',
    decided_at    TIMESTAMP,
    created_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL,
    UNIQUE (repository_id, github_id)
);
CREATE INDEX release_drafts_open ON release_drafts (published_at) WHERE state = 'open';

-- From when on a repository's releases count here, and why they cannot be read.
CREATE TABLE github_release_lists (
    repository_id BIGINT PRIMARY KEY,
    repository    TEXT NOT NULL,
    since         TIMESTAMP NOT NULL,
    trouble       TEXT NOT NULL DEFAULT ''
);

-- How the webhook of a repository is; 0 is the one of the App, which is for all of them.
CREATE TABLE github_hooks (
    repository_id BIGINT PRIMARY KEY,
    repository    TEXT NOT NULL,
    problems      TEXT NOT NULL DEFAULT '',
    quiet         TEXT NOT NULL DEFAULT '',
    since         TIMESTAMP NOT NULL,
    looked_at     TIMESTAMP NOT NULL
);
-- Webhooks that were lost and asked for again, by their guid.
CREATE TABLE github_redeliveries (
    guid          TEXT PRIMARY KEY,
    repository_id BIGINT NOT NULL,
    attempts      BIGINT NOT NULL,
    asked_at      TIMESTAMP NOT NULL
);
CREATE INDEX github_redeliveries_asked ON github_redeliveries (asked_at);
