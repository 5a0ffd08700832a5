-- +goose Up
-- How Heed is known to GitHub where that is not in the configuration file: one row. Secrets are sealed.
CREATE TABLE github_connections (
    id             TEXT PRIMARY KEY,
    rev            BIGINT NOT NULL,
    kind           TEXT NOT NULL DEFAULT '',
    app_id         BIGINT NOT NULL DEFAULT 0,
    slug           TEXT NOT NULL DEFAULT '',
    client_id      TEXT NOT NULL DEFAULT '',
    url            TEXT NOT NULL DEFAULT '',
    login          TEXT NOT NULL DEFAULT '',
    repository     TEXT NOT NULL DEFAULT '',
    private_key    TEXT NOT NULL DEFAULT '',
    token          TEXT NOT NULL DEFAULT '',
    webhook_secret TEXT NOT NULL DEFAULT '',
    created_at     TIMESTAMP NOT NULL,
    updated_at     TIMESTAMP NOT NULL
);

-- Ways to GitHub that lead back once, in the session that went; both are known by their digests.
CREATE TABLE github_states (
    id         TEXT PRIMARY KEY,
    session    TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at    TIMESTAMP,
    done_at    TIMESTAMP
);

-- Under which account an issue was asked for: it is looked for under that one.
ALTER TABLE issue_links ADD COLUMN sent_as TEXT NOT NULL DEFAULT '';
ALTER TABLE issue_comments ADD COLUMN sent_as TEXT NOT NULL DEFAULT '';
