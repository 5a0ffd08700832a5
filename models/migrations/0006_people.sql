-- +goose Up
-- Who people are: one person with several addresses, their account and segment with weights, and what becomes of those whom no mail reaches.

CREATE TABLE accounts (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    plan       TEXT NOT NULL DEFAULT '',
    revenue    BIGINT NOT NULL DEFAULT 0,
    weight     DOUBLE PRECISION NOT NULL DEFAULT 1,
    rev        BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX accounts_name ON accounts (name, id);

-- Whose address ends in the domain belongs to the account, unless staff said otherwise.
CREATE TABLE account_domains (
    domain     TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id)
);
CREATE INDEX account_domains_account ON account_domains (account_id);

-- people.segment names one; a segment without a row weighs 1.
CREATE TABLE segments (
    name       TEXT PRIMARY KEY,
    weight     DOUBLE PRECISION NOT NULL DEFAULT 1,
    rev        BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- account_by: '' nobody's word, 'domain' their address, 'hand' staff. merged_into: this person is that one. indexed: person_terms say how they are found.
ALTER TABLE people ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN account_by TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN indexed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE people ADD COLUMN rev BIGINT NOT NULL DEFAULT 1;
CREATE INDEX people_unindexed ON people (id) WHERE indexed = FALSE;
CREATE INDEX people_merged ON people (merged_into) WHERE merged_into <> '';
CREATE INDEX people_account ON people (account_id, id) WHERE account_id <> '';
CREATE INDEX people_segment ON people (segment, id) WHERE segment <> '';
-- The domain of an address, in words that both databases know.
CREATE INDEX addresses_domain ON addresses (SUBSTR(value, LENGTH(RTRIM(value, REPLACE(value, '@', ''))) + 1)) WHERE channel = 'email';

-- The beginnings by which a person is found: bytes, so that they are in the same order on every database whatever its collation.
CREATE TABLE person_terms (
    term      BYTEA NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    PRIMARY KEY (term, person_id)
);
CREATE INDEX person_terms_person ON person_terms (person_id, term);

-- What a merge of two people moved or set aside, so that undo puts back the same rows.
CREATE TABLE merged_rows (
    activity_id TEXT NOT NULL,
    what        TEXT NOT NULL,
    row_id      TEXT NOT NULL,
    detail      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (activity_id, what, row_id)
);
CREATE INDEX merged_rows_person ON merged_rows (row_id) WHERE what = 'person';
CREATE INDEX moves_person ON moves (row_id) WHERE what IN ('vote', 'author');
CREATE INDEX sessions_person ON sessions (person_id) WHERE person_id <> '';

-- Who has no address for mail is told by hand; told_by is the activity that says so.
ALTER TABLE follow_up_items ADD COLUMN told_at TIMESTAMP;
ALTER TABLE follow_up_items ADD COLUMN told_by TEXT NOT NULL DEFAULT '';
CREATE INDEX follow_up_items_by_hand ON follow_up_items (event_id, person_id) WHERE skip_reason = 'no_channel' AND told_at IS NULL;
CREATE INDEX follow_up_items_told ON follow_up_items (told_by) WHERE told_by <> '';
CREATE INDEX fanouts_open ON fanouts (event_id) WHERE done_at IS NULL;
