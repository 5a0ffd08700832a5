-- +goose Up
-- Why an item waits although it has settled: window, ceiling, quiet, daily or weekly; '' while it settles. Its due_at is
-- when it is looked at next.
ALTER TABLE follow_up_items ADD COLUMN hold TEXT NOT NULL DEFAULT '';

-- A change that staff took out of the mail: what waited of it is told to nobody.
ALTER TABLE follow_up_events ADD COLUMN recalled_at TIMESTAMP;

-- When one person's mail comes. digest_weekday is 0 for Sunday; quiet_hours is '' for the house's, 'off', or 22:00-07:00 in
-- the person's own time. The last digests decide whether one is due.
CREATE TABLE rhythms (
    person_id      TEXT PRIMARY KEY REFERENCES people (id),
    digest_hour    BIGINT NOT NULL DEFAULT 9,
    digest_weekday BIGINT NOT NULL DEFAULT 1,
    quiet_hours    TEXT NOT NULL DEFAULT '',
    last_daily_at  TIMESTAMP,
    last_weekly_at TIMESTAMP,
    updated_at     TIMESTAMP NOT NULL
);

-- Themes that a person wants to hear nothing more of, though they stand behind them.
CREATE TABLE theme_mutes (
    person_id  TEXT NOT NULL REFERENCES people (id),
    theme_id   TEXT NOT NULL REFERENCES themes (id),
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (person_id, theme_id)
);
