-- +goose Up
-- One file serves both databases: SQLite takes any type name, PostgreSQL knows all of these.
-- Times are UTC; ids are text, sorted by creation.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    n    BIGINT NOT NULL
);
INSERT INTO counters (name, n) VALUES ('activity', 0);

-- people and staff

CREATE TABLE people (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL DEFAULT '',
    locale     TEXT NOT NULL DEFAULT '',
    time_zone  TEXT NOT NULL DEFAULT '',
    segment    TEXT NOT NULL DEFAULT '',
    phrase     TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- A person is an e-mail address (channel 'email') or a handle on a channel.
CREATE TABLE addresses (
    channel     TEXT NOT NULL,
    value       TEXT NOT NULL,
    person_id   TEXT NOT NULL REFERENCES people (id),
    verified_at TIMESTAMP,
    created_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (channel, value)
);
CREATE INDEX addresses_person ON addresses (person_id);

CREATE TABLE members (
    id          TEXT PRIMARY KEY,
    email       TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL DEFAULT '',
    role        TEXT NOT NULL,
    locale      TEXT NOT NULL DEFAULT '',
    disabled_at TIMESTAMP,
    created_at  TIMESTAMP NOT NULL
);

CREATE TABLE api_tokens (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    prefix       TEXT NOT NULL,
    last4        TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    member_id    TEXT NOT NULL DEFAULT '',
    created_at   TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP,
    revoked_at   TIMESTAMP
);

-- A way to sign in that was handed out: an e-mailed code bound to the browser that asked, or a one-time link.
CREATE TABLE sign_ins (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    email        TEXT NOT NULL,
    secret_hash  TEXT NOT NULL,
    browser_hash TEXT NOT NULL DEFAULT '',
    asked_from   TEXT NOT NULL DEFAULT '',
    wrong        BIGINT NOT NULL DEFAULT 0,
    created_at   TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL,
    used_at      TIMESTAMP
);
CREATE INDEX sign_ins_email ON sign_ins (email, created_at);
CREATE INDEX sign_ins_from ON sign_ins (asked_from, created_at);
CREATE INDEX sign_ins_secret ON sign_ins (secret_hash);

CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    member_id  TEXT NOT NULL DEFAULT '',
    person_id  TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL,
    seen_at    TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE TABLE idempotency_keys (
    actor_id   TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    status     BIGINT NOT NULL,
    answer     TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (actor_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- themes and suggestions

CREATE TABLE themes (
    id                TEXT PRIMARY KEY,
    title             TEXT NOT NULL,
    public_title      TEXT NOT NULL DEFAULT '',
    public_text       TEXT NOT NULL DEFAULT '',
    public            BOOLEAN NOT NULL DEFAULT FALSE,
    status            TEXT NOT NULL,
    previous_status   TEXT NOT NULL DEFAULT '',
    reason            TEXT NOT NULL DEFAULT '',
    promise_date      TIMESTAMP,
    version           TEXT NOT NULL DEFAULT '',
    product           TEXT NOT NULL DEFAULT '',
    ready_at          TIMESTAMP,
    wants_reason_at   TIMESTAMP,
    merged_into       TEXT NOT NULL DEFAULT '',
    gone_at           TIMESTAMP,
    suggestions_count BIGINT NOT NULL DEFAULT 0,
    people_count      BIGINT NOT NULL DEFAULT 0,
    rev               BIGINT NOT NULL DEFAULT 1,
    status_at         TIMESTAMP NOT NULL,
    created_at        TIMESTAMP NOT NULL,
    updated_at        TIMESTAMP NOT NULL
);
CREATE INDEX themes_status ON themes (status, updated_at);
CREATE INDEX themes_updated ON themes (updated_at, id);
CREATE INDEX themes_people ON themes (people_count, id);
CREATE INDEX themes_created ON themes (created_at, id);
CREATE INDEX themes_merged ON themes (merged_into) WHERE merged_into <> '';
CREATE INDEX themes_public ON themes (people_count, id) WHERE public = TRUE;

CREATE TABLE suggestions (
    id           TEXT PRIMARY KEY,
    title        TEXT NOT NULL DEFAULT '',
    text         TEXT NOT NULL,
    quote        TEXT NOT NULL DEFAULT '',
    summary      TEXT NOT NULL DEFAULT '',
    kind         TEXT NOT NULL,
    lang         TEXT NOT NULL,
    product      TEXT NOT NULL DEFAULT '',
    source       TEXT NOT NULL,
    source_url   TEXT NOT NULL DEFAULT '',
    external_id  TEXT NOT NULL DEFAULT '',
    version      TEXT NOT NULL DEFAULT '',
    context      TEXT NOT NULL DEFAULT '',
    person_id    TEXT NOT NULL DEFAULT '',
    filer_kind   TEXT NOT NULL DEFAULT '',
    filer_id     TEXT NOT NULL DEFAULT '',
    filer_name   TEXT NOT NULL DEFAULT '',
    state        TEXT NOT NULL,
    receipt      TEXT NOT NULL UNIQUE,
    action       TEXT NOT NULL,
    candidates   TEXT NOT NULL DEFAULT '',
    exact_hash   TEXT NOT NULL DEFAULT '',
    likely_theme TEXT NOT NULL DEFAULT '',
    themes_count BIGINT NOT NULL DEFAULT 0,
    waiting      BOOLEAN NOT NULL DEFAULT FALSE,
    rev          BIGINT NOT NULL DEFAULT 1,
    created_at   TIMESTAMP NOT NULL,
    updated_at   TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX suggestions_external ON suggestions (source, external_id) WHERE external_id <> '';
CREATE INDEX suggestions_waiting ON suggestions (id) WHERE waiting = TRUE;
CREATE INDEX suggestions_desk ON suggestions (source, kind) WHERE waiting = TRUE;
CREATE INDEX suggestions_likely ON suggestions (likely_theme, id) WHERE waiting = TRUE;
CREATE INDEX suggestions_updated ON suggestions (updated_at);
CREATE INDEX suggestions_person ON suggestions (person_id);
CREATE INDEX suggestions_state ON suggestions (state, id);
CREATE INDEX suggestions_exact ON suggestions (exact_hash) WHERE exact_hash <> '' AND themes_count = 0;

-- What a suggestion belongs to. A span of 0,0 is the whole text.
CREATE TABLE suggestion_themes (
    suggestion_id TEXT NOT NULL REFERENCES suggestions (id) DEFERRABLE INITIALLY DEFERRED,
    theme_id      TEXT NOT NULL REFERENCES themes (id),
    span_start    BIGINT NOT NULL DEFAULT 0,
    span_end      BIGINT NOT NULL DEFAULT 0,
    action        TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (suggestion_id, theme_id)
);
CREATE INDEX suggestion_themes_theme ON suggestion_themes (theme_id, suggestion_id);

-- The first suggestion with a text: exact normalised duplicates follow it. The key makes it one under concurrent writes.
CREATE TABLE exact_texts (
    product       TEXT NOT NULL,
    visibility    TEXT NOT NULL,
    hash          TEXT NOT NULL,
    suggestion_id TEXT NOT NULL,
    PRIMARY KEY (product, visibility, hash)
);

CREATE TABLE findings (
    suggestion_id TEXT NOT NULL REFERENCES suggestions (id) DEFERRABLE INITIALLY DEFERRED,
    n             BIGINT NOT NULL,
    rule          TEXT NOT NULL,
    field         TEXT NOT NULL,
    last3         TEXT NOT NULL,
    digest        TEXT NOT NULL,
    PRIMARY KEY (suggestion_id, n)
);

CREATE TABLE votes (
    theme_id   TEXT NOT NULL REFERENCES themes (id),
    person_id  TEXT NOT NULL REFERENCES people (id),
    origin     TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (theme_id, person_id)
);
CREATE INDEX votes_person ON votes (person_id);

-- A person's word on whether a suggestion belongs to a theme; never proposed against again.
CREATE TABLE decisions (
    suggestion_id TEXT NOT NULL REFERENCES suggestions (id),
    theme_id      TEXT NOT NULL REFERENCES themes (id),
    same          BOOLEAN NOT NULL,
    proposed      BOOLEAN NOT NULL DEFAULT FALSE,
    actor_kind    TEXT NOT NULL,
    actor_id      TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (suggestion_id, theme_id)
);

-- Which rows an activity moved between themes, so that undo puts back the same rows.
CREATE TABLE moves (
    activity_id TEXT NOT NULL,
    what        TEXT NOT NULL,
    row_id      TEXT NOT NULL,
    from_theme  TEXT NOT NULL DEFAULT '',
    to_theme    TEXT NOT NULL DEFAULT '',
    detail      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (activity_id, what, row_id, from_theme, to_theme)
);

-- what happened, in commit order

CREATE TABLE activities (
    seq           BIGINT PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    verb          TEXT NOT NULL,
    actor_kind    TEXT NOT NULL,
    actor_id      TEXT NOT NULL,
    actor_name    TEXT NOT NULL,
    theme_id      TEXT NOT NULL DEFAULT '',
    suggestion_id TEXT NOT NULL DEFAULT '',
    person_id     TEXT NOT NULL DEFAULT '',
    undone_by     TEXT NOT NULL DEFAULT '',
    snapshot      TEXT NOT NULL DEFAULT '',
    created_at    TIMESTAMP NOT NULL
);
CREATE INDEX activities_theme ON activities (theme_id, seq);
CREATE INDEX activities_suggestion ON activities (suggestion_id, seq);

CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    seq  BIGINT NOT NULL
);

-- work that survives a restart

CREATE TABLE jobs (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL,
    payload     TEXT NOT NULL DEFAULT '',
    run_at      TIMESTAMP NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    again       BOOLEAN NOT NULL DEFAULT FALSE,
    lease_owner TEXT NOT NULL DEFAULT '',
    lease_until TIMESTAMP,
    fence       BIGINT NOT NULL DEFAULT 0,
    last_error  TEXT NOT NULL DEFAULT '',
    created_at  TIMESTAMP NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX jobs_due ON jobs (run_at);

CREATE TABLE cron_ticks (
    job        TEXT NOT NULL,
    tick_at    TIMESTAMP NOT NULL,
    taken_by   TEXT NOT NULL,
    PRIMARY KEY (job, tick_at)
);
