-- +goose Up
-- What staff and a person say to each other about one suggestion, and the files that came with it. Both are private to them.

-- author: staff, person or system. kind: reply, or objection ("this is not what I meant").
CREATE TABLE messages (
    id            TEXT PRIMARY KEY,
    suggestion_id TEXT NOT NULL REFERENCES suggestions (id),
    activity_id   TEXT NOT NULL UNIQUE,
    author        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    actor_kind    TEXT NOT NULL,
    actor_id      TEXT NOT NULL,
    actor_name    TEXT NOT NULL,
    text          TEXT NOT NULL,
    lang          TEXT NOT NULL DEFAULT '',
    created_at    TIMESTAMP NOT NULL
);
CREATE INDEX messages_suggestion ON messages (suggestion_id, id);

-- media_type is what the bytes are, never what somebody called them. checked: it was searched for secrets, as only text can be.
CREATE TABLE attachments (
    id            TEXT PRIMARY KEY,
    suggestion_id TEXT NOT NULL REFERENCES suggestions (id) DEFERRABLE INITIALLY DEFERRED,
    message_id    TEXT NOT NULL DEFAULT '',
    name          TEXT NOT NULL,
    media_type    TEXT NOT NULL,
    size          BIGINT NOT NULL,
    width         BIGINT NOT NULL DEFAULT 0,
    height        BIGINT NOT NULL DEFAULT 0,
    checked       BOOLEAN NOT NULL,
    masked        BIGINT NOT NULL DEFAULT 0,
    actor_kind    TEXT NOT NULL,
    actor_id      TEXT NOT NULL,
    actor_name    TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL
);
CREATE INDEX attachments_suggestion ON attachments (suggestion_id, id);

-- The bytes apart, so that lists do not read them.
CREATE TABLE attachment_contents (
    attachment_id TEXT PRIMARY KEY REFERENCES attachments (id),
    body          BYTEA NOT NULL
);

-- The thread shows each step of a suggestion's state, which moves keep.
CREATE INDEX moves_state ON moves (row_id) WHERE what = 'state';
