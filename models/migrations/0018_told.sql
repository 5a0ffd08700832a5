-- +goose Up
-- What people are told besides a status: updates, releases, comments; and what they answer.

-- Events of one decision, which are told together: the id of the activity that ends it, '' for none.
ALTER TABLE follow_up_events ADD COLUMN bulk_id TEXT NOT NULL DEFAULT '';
CREATE INDEX follow_up_events_bulk ON follow_up_events (bulk_id) WHERE bulk_id <> '';

-- What staff wrote about a theme that stays where it is. removed_at is set while it is taken back.
CREATE TABLE theme_updates (
    id          TEXT PRIMARY KEY,
    theme_id    TEXT NOT NULL,
    text        TEXT NOT NULL,
    notify      BOOLEAN NOT NULL,
    actor_name  TEXT NOT NULL,
    activity_id TEXT NOT NULL,
    removed_at  TIMESTAMP,
    created_at  TIMESTAMP NOT NULL
);
CREATE INDEX theme_updates_theme ON theme_updates (theme_id, id);

-- A version that shipped several themes at once. undone_at is set while it is taken back.
CREATE TABLE releases (
    id          TEXT PRIMARY KEY,
    product     TEXT NOT NULL,
    version     TEXT NOT NULL,
    notes       TEXT NOT NULL,
    notify      BOOLEAN NOT NULL,
    actor_name  TEXT NOT NULL,
    activity_id TEXT NOT NULL,
    undone_at   TIMESTAMP,
    created_at  TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX releases_version ON releases (product, version) WHERE undone_at IS NULL;
-- Its themes; activity_id is the last one by which the release moved the theme.
CREATE TABLE release_themes (
    release_id  TEXT NOT NULL REFERENCES releases (id),
    theme_id    TEXT NOT NULL,
    activity_id TEXT NOT NULL,
    PRIMARY KEY (release_id, theme_id)
);
CREATE INDEX release_themes_theme ON release_themes (theme_id);

-- What people and staff say below a published theme. person_id '' is staff's. held_for says why it waits for moderation.
CREATE TABLE comments (
    id          TEXT PRIMARY KEY,
    theme_id    TEXT NOT NULL,
    person_id   TEXT NOT NULL,
    member_id   TEXT NOT NULL,
    name        TEXT NOT NULL,
    text        TEXT NOT NULL,
    lang        TEXT NOT NULL,
    state       TEXT NOT NULL,
    held_for    TEXT NOT NULL,
    reply_to    TEXT NOT NULL,
    activity_id TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL
);
CREATE INDEX comments_theme ON comments (theme_id, id);
CREATE INDEX comments_waiting ON comments (id) WHERE state = 'waiting';
CREATE INDEX comments_person ON comments (person_id) WHERE person_id <> '';

-- "Did this solve it?": one answer a person and shipping, which is the activity that shipped the theme.
CREATE TABLE solved_answers (
    id            TEXT PRIMARY KEY,
    theme_id      TEXT NOT NULL,
    person_id     TEXT NOT NULL,
    shipping      TEXT NOT NULL,
    solved        BOOLEAN NOT NULL,
    suggestion_id TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL
);
CREATE INDEX solved_answers_theme ON solved_answers (theme_id, shipping, person_id);
CREATE INDEX solved_answers_person ON solved_answers (person_id);
