-- +goose Up
-- Agents: who stands behind one, how much it may write, what it proposes, and how it is let in by a member.

-- The member behind the agent that filed, as they were called then; '' for nobody.
ALTER TABLE suggestions ADD COLUMN filer_for TEXT NOT NULL DEFAULT '';

-- Writes in an hour and a day; NULL is the configuration's, 0 is no limit. client_id and resource are of tokens that a member gave by consent.
ALTER TABLE api_tokens ADD COLUMN hourly_limit BIGINT;
ALTER TABLE api_tokens ADD COLUMN daily_limit BIGINT;
ALTER TABLE api_tokens ADD COLUMN last_used_at TIMESTAMP;
ALTER TABLE api_tokens ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
ALTER TABLE api_tokens ADD COLUMN resource TEXT NOT NULL DEFAULT '';

-- What a token wrote in a window; starts_at is the window's first millisecond since 1970.
CREATE TABLE token_windows (
    token_id  TEXT NOT NULL,
    seconds   BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    n         BIGINT NOT NULL,
    PRIMARY KEY (token_id, seconds, starts_at)
);
CREATE INDEX token_windows_starts ON token_windows (starts_at);

-- What an agent proposes and a person decides: same or different, a status, or a text to send. key is the same for the same proposal.
CREATE TABLE agent_proposals (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    key           TEXT NOT NULL UNIQUE,
    theme_id      TEXT NOT NULL REFERENCES themes (id),
    suggestion_id TEXT NOT NULL DEFAULT '',
    status        TEXT NOT NULL DEFAULT '',
    text          TEXT NOT NULL DEFAULT '',
    promise_date  TIMESTAMP,
    version       TEXT NOT NULL DEFAULT '',
    why           TEXT NOT NULL DEFAULT '',
    actor_kind    TEXT NOT NULL,
    actor_id      TEXT NOT NULL,
    actor_name    TEXT NOT NULL DEFAULT '',
    actor_for     TEXT NOT NULL DEFAULT '',
    state         TEXT NOT NULL,
    activity_id   TEXT NOT NULL DEFAULT '',
    decided_by    TEXT NOT NULL DEFAULT '',
    decided_at    TIMESTAMP,
    created_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL
);
CREATE INDEX agent_proposals_open ON agent_proposals (id) WHERE state = 'open';
CREATE INDEX agent_proposals_theme ON agent_proposals (theme_id, kind);
CREATE INDEX agent_proposals_actor ON agent_proposals (actor_id, id);

-- A program that registered itself to ask members for access. It has no secret.
CREATE TABLE oauth_clients (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    asked_from    TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    used_at       TIMESTAMP
);
CREATE INDEX oauth_clients_created ON oauth_clients (created_at);

-- Secrets that were handed out by consent, hashed: a code is exchanged once for an access and a refresh secret of its token, a refresh secret once for new ones.
CREATE TABLE oauth_secrets (
    hash         TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    token_id     TEXT NOT NULL REFERENCES api_tokens (id),
    client_id    TEXT NOT NULL,
    redirect_uri TEXT NOT NULL DEFAULT '',
    challenge    TEXT NOT NULL DEFAULT '',
    created_at   TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL,
    used_at      TIMESTAMP
);
CREATE INDEX oauth_secrets_token ON oauth_secrets (token_id);
CREATE INDEX oauth_secrets_expires ON oauth_secrets (expires_at);
