-- +goose Up
-- When the people behind a theme hear next, whatever happens.

-- promises_sent counts the promise mails since its people were last told something new, at word_at; decide_at is since when staff must decide.
ALTER TABLE themes ADD COLUMN promises_sent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE themes ADD COLUMN decide_at TIMESTAMP;
ALTER TABLE themes ADD COLUMN word_at TIMESTAMP;
CREATE INDEX themes_promise ON themes (promise_date, id) WHERE promise_date IS NOT NULL;
CREATE INDEX themes_decide ON themes (decide_at, id) WHERE decide_at IS NOT NULL;
CREATE INDEX activities_promise ON activities (theme_id, seq) WHERE verb IN ('theme.promise', 'theme.promise_came');

-- How many days each status promises, as the configuration says; without a row, or with 0, none.
CREATE TABLE promise_defaults (
    status TEXT PRIMARY KEY,
    days   BIGINT NOT NULL
);

-- What a person was told of promises, for one such mail a month.
CREATE INDEX follow_up_items_promise ON follow_up_items (person_id, event_id) WHERE kind = 'promise';

-- The product managers' weekly mail: when a member had the last one, and whether they want it.
CREATE TABLE staff_digests (
    member_id      TEXT PRIMARY KEY,
    last_digest_at TIMESTAMP,
    no_mail        BOOLEAN NOT NULL DEFAULT FALSE,
    updated_at     TIMESTAMP NOT NULL
);
CREATE INDEX votes_created ON votes (created_at, theme_id);

-- What is over promises nothing more; an edit could leave a date there.
UPDATE themes SET promise_date = NULL WHERE status IN ('shipped', 'declined') AND promise_date IS NOT NULL;
