-- +goose Up
-- Who outside hears of what happens, by signed requests: on the same principles as mail.

CREATE TABLE webhook_endpoints (
    id               TEXT PRIMARY KEY,
    name             TEXT NOT NULL,
    kind             TEXT NOT NULL,
    locale           TEXT NOT NULL DEFAULT 'en',
    events           TEXT NOT NULL,
    product          TEXT NOT NULL DEFAULT '',
    channel          TEXT NOT NULL DEFAULT '',
    url              TEXT NOT NULL,
    host             TEXT NOT NULL,
    secret           TEXT NOT NULL DEFAULT '',
    old_secret       TEXT NOT NULL DEFAULT '',
    old_secret_until TIMESTAMP,
    since_seq        BIGINT NOT NULL,
    fails            BIGINT NOT NULL DEFAULT 0,
    failing_since    TIMESTAMP,
    last_ok_at       TIMESTAMP,
    not_before       TIMESTAMP,
    disabled_at      TIMESTAMP,
    disabled_why     TEXT NOT NULL DEFAULT '',
    gone_at          TIMESTAMP,
    rev              BIGINT NOT NULL DEFAULT 1,
    created_at       TIMESTAMP NOT NULL,
    updated_at       TIMESTAMP NOT NULL
);
-- One way to the people of a channel.
CREATE UNIQUE INDEX webhook_endpoints_channel ON webhook_endpoints (channel) WHERE channel <> '' AND gone_at IS NULL;

-- source: what made it; the same thing is told to an endpoint once. id is the webhook-id of every try.
CREATE TABLE webhook_messages (
    id            TEXT PRIMARY KEY,
    endpoint_id   TEXT NOT NULL,
    type          TEXT NOT NULL,
    source        TEXT NOT NULL,
    theme_id      TEXT NOT NULL DEFAULT '',
    suggestion_id TEXT NOT NULL DEFAULT '',
    event_id      TEXT NOT NULL DEFAULT '',
    person_id     TEXT NOT NULL DEFAULT '',
    content       TEXT NOT NULL,
    state         TEXT NOT NULL,
    run_at        TIMESTAMP NOT NULL,
    not_after     TIMESTAMP,
    round         BIGINT NOT NULL DEFAULT 0,
    tries         BIGINT NOT NULL DEFAULT 0,
    lease_owner   TEXT NOT NULL DEFAULT '',
    lease_until   TIMESTAMP,
    fence         BIGINT NOT NULL DEFAULT 0,
    status        BIGINT NOT NULL DEFAULT 0,
    answer        TEXT NOT NULL DEFAULT '',
    sent_at       TIMESTAMP,
    created_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL,
    UNIQUE (endpoint_id, source)
);
CREATE INDEX webhook_messages_due ON webhook_messages (endpoint_id, run_at) WHERE state = 'ready';
CREATE INDEX webhook_messages_leased ON webhook_messages (lease_until) WHERE state = 'leased';
CREATE INDEX webhook_messages_late ON webhook_messages (not_after) WHERE state = 'ready' AND not_after IS NOT NULL;
CREATE INDEX webhook_messages_list ON webhook_messages (endpoint_id, id);
CREATE INDEX webhook_messages_age ON webhook_messages (created_at);
CREATE INDEX webhook_messages_person ON webhook_messages (person_id) WHERE person_id <> '';

CREATE TABLE webhook_attempts (
    message_id TEXT NOT NULL,
    n          BIGINT NOT NULL,
    outcome    TEXT NOT NULL,
    status     BIGINT NOT NULL DEFAULT 0,
    answer     TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (message_id, n)
);

CREATE TABLE webhook_fanouts (
    activity_id TEXT PRIMARY KEY,
    theme_id    TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    run_at      TIMESTAMP NOT NULL,
    cursor      TEXT NOT NULL DEFAULT '',
    told        BIGINT NOT NULL DEFAULT 0,
    done_at     TIMESTAMP,
    created_at  TIMESTAMP NOT NULL
);
CREATE INDEX webhook_fanouts_due ON webhook_fanouts (run_at) WHERE done_at IS NULL;
CREATE INDEX webhook_fanouts_theme ON webhook_fanouts (theme_id, seq);

-- Nobody hears of what was before there was anybody to hear of it.
INSERT INTO cursors (name, seq) SELECT 'webhooks', n FROM counters WHERE name = 'activity';
