-- +goose Up
-- Who files for others hears what became of it.

-- What a filer filed, newest first; and the tokens that speak for a member.
CREATE INDEX suggestions_filer ON suggestions (filer_kind, filer_id, id) WHERE filer_id <> '';
CREATE INDEX api_tokens_member ON api_tokens (member_id) WHERE member_id <> '';

-- A change that a filer hears of, once for each. member_id is who reads of it: the filer, or the member behind the token; '' is nobody.
-- due_at, delivery_id and skip_reason are as of follow_up_items: told, to be told, or why not.
CREATE TABLE outcome_news (
    activity_id   TEXT NOT NULL,
    filer_kind    TEXT NOT NULL,
    filer_id      TEXT NOT NULL,
    seq           BIGINT NOT NULL,
    member_id     TEXT NOT NULL DEFAULT '',
    verb          TEXT NOT NULL,
    became        TEXT NOT NULL,
    theme_id      TEXT NOT NULL DEFAULT '',
    suggestion_id TEXT NOT NULL DEFAULT '',
    suggestions   BIGINT NOT NULL DEFAULT 0,
    due_at        TIMESTAMP NOT NULL,
    delivery_id   TEXT NOT NULL DEFAULT '',
    skip_reason   TEXT NOT NULL DEFAULT '',
    created_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (activity_id, filer_kind, filer_id)
);
CREATE INDEX outcome_news_filer ON outcome_news (filer_kind, filer_id, seq);
CREATE INDEX outcome_news_due ON outcome_news (due_at) WHERE delivery_id = '' AND skip_reason = '';
CREATE INDEX outcome_news_delivery ON outcome_news (delivery_id) WHERE delivery_id <> '';

-- How far a reader of outcomes has looked, and whether they want no mail of them.
CREATE TABLE outcome_readers (
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    seen       BIGINT NOT NULL DEFAULT 0,
    no_mail    BOOLEAN NOT NULL DEFAULT FALSE,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (kind, id)
);
