-- +goose Up
-- Emergencies: what must reach a person of the team at once, and goes on alerting until one of them says that it did.

-- kind of a finding: '' masked; 'example' kept, because its person said that it is one; 'warning' only warned of.
ALTER TABLE findings ADD COLUMN kind TEXT NOT NULL DEFAULT '';

-- text_key is that of what was said, masked: who says the same is an emergency too. No text is kept here.
-- alert_at is when the team is alerted next, NULL once somebody has acknowledged.
CREATE TABLE emergencies (
	suggestion_id TEXT PRIMARY KEY,
	cause TEXT NOT NULL,
	product TEXT NOT NULL,
	text_key TEXT NOT NULL,
	alert_at TIMESTAMP,
	alerts INTEGER NOT NULL,
	alerted_at TIMESTAMP,
	acknowledged_at TIMESTAMP,
	acknowledged_by TEXT NOT NULL,
	acknowledged_name TEXT NOT NULL,
	created_at TIMESTAMP NOT NULL
);
CREATE INDEX emergencies_open ON emergencies (alert_at) WHERE acknowledged_at IS NULL;
CREATE INDEX emergencies_text ON emergencies (text_key) WHERE text_key <> '';
