-- +goose Up
-- What theme and issue were when they were last brought together, and what was written to
-- either side since.
ALTER TABLE issue_links ADD COLUMN shadow TEXT NOT NULL DEFAULT '';
-- A side that a person wants to win, until it has.
ALTER TABLE issue_links ADD COLUMN force TEXT NOT NULL DEFAULT '';

CREATE TABLE issue_ops (
    id         TEXT PRIMARY KEY,
    link_id    TEXT NOT NULL,
    theme_id   TEXT NOT NULL,
    field      TEXT NOT NULL,
    way        TEXT NOT NULL,
    conflict   BOOLEAN NOT NULL DEFAULT FALSE,
    was        TEXT NOT NULL DEFAULT '',
    becomes    TEXT NOT NULL DEFAULT '',
    state      TEXT NOT NULL,
    note       TEXT NOT NULL DEFAULT '',
    attempts   BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL,
    sent_at    TIMESTAMP,
    done_at    TIMESTAMP
);
-- One open write a field: what is decided anew before it went out takes its place.
CREATE UNIQUE INDEX issue_ops_open ON issue_ops (link_id, field) WHERE state = 'planned' OR state = 'sent' OR state = 'failed';
CREATE INDEX issue_ops_link ON issue_ops (link_id, created_at);
CREATE INDEX issue_ops_done ON issue_ops (done_at) WHERE done_at IS NOT NULL;
-- What was created lately, for GitHub's hourly limit.
CREATE INDEX issue_ops_sent ON issue_ops (sent_at) WHERE sent_at IS NOT NULL;

-- Whose turn it is to write, by token (its digest), and until when GitHub wants silence.
ALTER TABLE issue_links ADD COLUMN slot_at TIMESTAMP;
CREATE TABLE github_budgets (
    token        TEXT PRIMARY KEY,
    next_at      TIMESTAMP NOT NULL,
    holder       TEXT NOT NULL DEFAULT '',
    held_until   TIMESTAMP NOT NULL,
    silent_until TIMESTAMP NOT NULL
);

-- Pages of lists that were taken over as they were then: GitHub answers "unchanged" for free.
CREATE TABLE github_pages (
    id         TEXT PRIMARY KEY,
    etag       TEXT NOT NULL,
    next       TEXT NOT NULL,
    last       TIMESTAMP NOT NULL,
    issues     TEXT NOT NULL,
    read_at    TIMESTAMP NOT NULL
);
CREATE INDEX github_pages_read ON github_pages (read_at);

-- What a repository is: who may read it, and what keeps issues out of it.
ALTER TABLE github_cursors ADD COLUMN private BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE github_cursors ADD COLUMN trouble TEXT NOT NULL DEFAULT '';

-- Comments that were brought to the other side: ours there, theirs here.
CREATE TABLE issue_comments (
    id         TEXT PRIMARY KEY,
    link_id    TEXT NOT NULL,
    comment_id TEXT NOT NULL,
    github_id  BIGINT NOT NULL DEFAULT 0,
    origin     TEXT NOT NULL,
    state      TEXT NOT NULL,
    digest     TEXT NOT NULL DEFAULT '',
    probes     BIGINT NOT NULL DEFAULT 0,
    sent_at    TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (link_id, comment_id)
);
CREATE UNIQUE INDEX issue_comments_github ON issue_comments (link_id, github_id) WHERE github_id <> 0;
ALTER TABLE github_cursors ADD COLUMN comments_since TIMESTAMP;
