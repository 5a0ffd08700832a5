-- +goose Up
-- What came back: reports of bounces and complaints, and what each of them changed, and why. A report that proves
-- nothing has its row as well. hash is the SHA-256 of the message: the same one twice is one.
CREATE TABLE bounce_reports (
    id          TEXT PRIMARY KEY,
    hash        TEXT NOT NULL UNIQUE,
    via         TEXT NOT NULL,
    kind        TEXT NOT NULL,
    status      TEXT NOT NULL DEFAULT '',
    diagnostic  TEXT NOT NULL DEFAULT '',
    address     TEXT NOT NULL DEFAULT '',
    delivery_id TEXT NOT NULL DEFAULT '',
    outcome     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL
);
CREATE INDEX bounce_reports_address ON bounce_reports (address, created_at);
CREATE INDEX bounce_reports_delivery ON bounce_reports (delivery_id) WHERE delivery_id <> '';
CREATE INDEX bounce_reports_created ON bounce_reports (created_at);

-- How far the mailbox of bounces has been read: uid is the last one taken, of the mailbox's uid_validity.
CREATE TABLE bounce_mailboxes (
    name         TEXT PRIMARY KEY,
    uid_validity BIGINT NOT NULL,
    uid          BIGINT NOT NULL,
    last_error   TEXT NOT NULL DEFAULT '',
    checked_at   TIMESTAMP NOT NULL
);

-- strikes is how often an address bounced after it was given time; trial is the one mail that goes when it is over.
ALTER TABLE suppressions ADD COLUMN strikes BIGINT NOT NULL DEFAULT 1;
ALTER TABLE suppressions ADD COLUMN trial TEXT NOT NULL DEFAULT '';
