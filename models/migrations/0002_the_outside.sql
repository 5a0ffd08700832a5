-- +goose Up
-- What goes out: follow-ups, and GitHub.

-- follow-ups

CREATE TABLE follow_up_events (
    id          TEXT PRIMARY KEY,
    activity_id TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    theme_id    TEXT NOT NULL,
    rev         BIGINT NOT NULL,
    actor_name  TEXT NOT NULL,
    notify      BOOLEAN NOT NULL,
    snapshot    TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    UNIQUE (theme_id, kind, rev)
);

CREATE TABLE fanouts (
    event_id   TEXT PRIMARY KEY REFERENCES follow_up_events (id),
    cursor     TEXT NOT NULL DEFAULT '',
    people     BIGINT NOT NULL DEFAULT 0,
    done_at    TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

-- Who was to hear of an event, and why not: skip_reason '' means told or to be told.
CREATE TABLE follow_up_items (
    event_id    TEXT NOT NULL REFERENCES follow_up_events (id),
    person_id   TEXT NOT NULL,
    theme_id    TEXT NOT NULL,
    due_at      TIMESTAMP NOT NULL,
    delivery_id TEXT NOT NULL DEFAULT '',
    skip_reason TEXT NOT NULL DEFAULT '',
    created_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (event_id, person_id)
);
CREATE INDEX follow_up_items_due ON follow_up_items (due_at) WHERE delivery_id = '' AND skip_reason = '';
CREATE INDEX follow_up_items_person ON follow_up_items (person_id, theme_id);
CREATE INDEX follow_up_items_delivery ON follow_up_items (delivery_id);

CREATE TABLE deliveries (
    id          TEXT PRIMARY KEY,
    dedup_key   TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    lane        TEXT NOT NULL,
    person_id   TEXT NOT NULL DEFAULT '',
    address     TEXT NOT NULL,
    locale      TEXT NOT NULL,
    theme_id    TEXT NOT NULL DEFAULT '',
    message_id  TEXT NOT NULL UNIQUE,
    content     TEXT NOT NULL DEFAULT '',
    state       TEXT NOT NULL,
    run_at      TIMESTAMP NOT NULL,
    not_after   TIMESTAMP NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    doubts      BIGINT NOT NULL DEFAULT 0,
    lease_owner TEXT NOT NULL DEFAULT '',
    lease_until TIMESTAMP,
    fence       BIGINT NOT NULL DEFAULT 0,
    body_hash   TEXT NOT NULL DEFAULT '',
    answer      TEXT NOT NULL DEFAULT '',
    sent_at     TIMESTAMP,
    created_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (lane, run_at) WHERE state = 'ready';
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state IN ('leased', 'sending');
CREATE INDEX deliveries_state ON deliveries (state, id);
CREATE INDEX deliveries_theme ON deliveries (theme_id, id);
CREATE INDEX deliveries_person ON deliveries (person_id, id);

CREATE TABLE attempts (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    n           BIGINT NOT NULL,
    outcome     TEXT NOT NULL,
    answer      TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (delivery_id, n)
);

CREATE TABLE suppressions (
    address    TEXT NOT NULL,
    scope      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    until      TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (address, scope)
);

CREATE TABLE preferences (
    person_id  TEXT NOT NULL REFERENCES people (id),
    kind       TEXT NOT NULL,
    mode       TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (person_id, kind)
);

-- GitHub

CREATE TABLE issue_links (
    id            TEXT PRIMARY KEY,
    theme_id      TEXT NOT NULL REFERENCES themes (id),
    repository    TEXT NOT NULL,
    repository_id BIGINT NOT NULL DEFAULT 0,
    issue_id      BIGINT NOT NULL DEFAULT 0,
    number        BIGINT NOT NULL DEFAULT 0,
    url           TEXT NOT NULL DEFAULT '',
    state         TEXT NOT NULL,
    issue_state   TEXT NOT NULL DEFAULT '',
    state_reason  TEXT NOT NULL DEFAULT '',
    sent_at       TIMESTAMP,
    probes        BIGINT NOT NULL DEFAULT 0,
    not_before    TIMESTAMP,
    last_error    TEXT NOT NULL DEFAULT '',
    github_at     TIMESTAMP,
    created_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL,
    UNIQUE (theme_id, repository)
);
CREATE UNIQUE INDEX issue_links_issue ON issue_links (repository_id, issue_id) WHERE issue_id <> 0;

CREATE TABLE hook_deliveries (
    guid         TEXT PRIMARY KEY,
    event        TEXT NOT NULL,
    action       TEXT NOT NULL,
    repository   TEXT NOT NULL,
    number       BIGINT NOT NULL,
    body_hash    TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    received_at  TIMESTAMP NOT NULL
);
CREATE INDEX hook_deliveries_received ON hook_deliveries (received_at);

CREATE TABLE github_cursors (
    repository TEXT PRIMARY KEY,
    since      TIMESTAMP NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    last_error TEXT NOT NULL DEFAULT ''
);
