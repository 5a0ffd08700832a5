-- +goose Up
-- How many stand behind a theme that very many follow, by language and by why they are not told, as they were last counted:
-- a change of status is answered without counting them all.
CREATE TABLE audiences (
    theme_id    TEXT NOT NULL REFERENCES themes (id),
    locale      TEXT NOT NULL,
    skip_reason TEXT NOT NULL,
    people      BIGINT NOT NULL,
    counted_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (theme_id, locale, skip_reason)
);
