-- +goose Up
-- What deduplication keeps: the vectors of what texts mean.

-- One vector for each text of the index and each model that read it; digest is that text's, so that one that changed is read again.
CREATE TABLE vectors (
    model   TEXT NOT NULL,
    item_id TEXT NOT NULL,
    digest  BIGINT NOT NULL,
    vector  BYTEA NOT NULL,
    PRIMARY KEY (model, item_id)
);

-- What may be one theme, or two, or open again. A person decides; the key keeps what was dismissed from coming back.
CREATE TABLE proposals (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL UNIQUE,
    theme_id    TEXT NOT NULL REFERENCES themes (id),
    other_id    TEXT NOT NULL DEFAULT '',
    items       TEXT NOT NULL DEFAULT '',
    reasons     TEXT NOT NULL DEFAULT '',
    strength    DOUBLE PRECISION NOT NULL DEFAULT 0,
    state       TEXT NOT NULL,
    activity_id TEXT NOT NULL DEFAULT '',
    decided_by  TEXT NOT NULL DEFAULT '',
    decided_at  TIMESTAMP,
    created_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL
);
CREATE INDEX proposals_activity ON proposals (activity_id) WHERE activity_id <> '';
CREATE INDEX proposals_open ON proposals (strength, id) WHERE state = 'open';
CREATE INDEX proposals_theme ON proposals (theme_id, kind);
CREATE INDEX proposals_other ON proposals (other_id) WHERE other_id <> '';

-- How far a nightly look for proposals has come: who is near whom, some suggestions a row. Gone when it has ended.
CREATE TABLE proposal_steps (
    run  TEXT NOT NULL,
    n    BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (run, n)
);

-- The asks of a message that has several, each with the themes it may belong to.
ALTER TABLE suggestions ADD COLUMN asks TEXT NOT NULL DEFAULT '';

-- Which model found a suggestion's candidates ('words': their words alone); '' where the first with the same text decided, which says nothing of a model.
ALTER TABLE suggestions ADD COLUMN matched_by TEXT NOT NULL DEFAULT '';

-- A word on a suggestion holds for whoever said the same text.
ALTER TABLE decisions ADD COLUMN product TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN exact_hash TEXT NOT NULL DEFAULT '';
UPDATE decisions SET
    product = (SELECT s.product FROM suggestions s WHERE s.id = decisions.suggestion_id),
    exact_hash = (SELECT s.exact_hash FROM suggestions s WHERE s.id = decisions.suggestion_id);
CREATE INDEX decisions_text ON decisions (exact_hash, product) WHERE exact_hash <> '';
CREATE INDEX suggestions_text ON suggestions (exact_hash, product) WHERE exact_hash <> '';
CREATE INDEX decisions_theme ON decisions (theme_id);

-- Two themes of which a person said that they are not the same, by taking a merge back or by a split.
CREATE TABLE separations (
    theme_id    TEXT NOT NULL REFERENCES themes (id),
    other_id    TEXT NOT NULL REFERENCES themes (id),
    activity_id TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (theme_id, other_id)
);
CREATE INDEX separations_other ON separations (other_id);
CREATE INDEX separations_activity ON separations (activity_id);

-- What was said of a suggestion when it came in, and whether a person's decision bore it out. Of a suggestion's judgements the last one stands; the others come back when it is undone.
CREATE TABLE judgements (
    suggestion_id TEXT NOT NULL REFERENCES suggestions (id),
    activity_id   TEXT NOT NULL,
    stands        BOOLEAN NOT NULL,
    model         TEXT NOT NULL,
    band          TEXT NOT NULL,
    said_theme    TEXT NOT NULL DEFAULT '',
    score         DOUBLE PRECISION NOT NULL DEFAULT 0,
    sure          BOOLEAN NOT NULL DEFAULT FALSE,
    chosen_theme  TEXT NOT NULL DEFAULT '',
    named         BOOLEAN NOT NULL,
    existed       BOOLEAN NOT NULL,
    correct       BOOLEAN NOT NULL,
    decided_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (suggestion_id, activity_id)
);
CREATE UNIQUE INDEX judgements_standing ON judgements (suggestion_id) WHERE stands = TRUE;
CREATE INDEX judgements_model ON judgements (model, decided_at) WHERE stands = TRUE;
CREATE INDEX judgements_decided ON judgements (decided_at) WHERE stands = TRUE;
CREATE INDEX judgements_activity ON judgements (activity_id);

-- What was learned from the judgements on one model: from which score on a suggestion may join by itself (0: not at any), and what corrects the model.
CREATE TABLE calibrations (
    model         TEXT PRIMARY KEY,
    threshold     DOUBLE PRECISION NOT NULL,
    decisions     BIGINT NOT NULL,
    above         BIGINT NOT NULL,
    above_right   BIGINT NOT NULL,
    existing      BIGINT NOT NULL,
    learned       BYTEA NOT NULL,
    learned_from  BIGINT NOT NULL,
    learned_used  BOOLEAN NOT NULL,
    order_before  DOUBLE PRECISION NOT NULL,
    order_after   DOUBLE PRECISION NOT NULL,
    since         TEXT NOT NULL DEFAULT '',
    learned_at    TIMESTAMP NOT NULL,
    fitted_at     TIMESTAMP NOT NULL
);
