-- +goose Up
-- Mail that is on its way or was sent is most of it, and found otherwise: by its lease, and by its id.
-- Each step of a mail wrote this index twice. (Written with OR, as SQLite wants it to use it for one state.)
DROP INDEX deliveries_state;
CREATE INDEX deliveries_state ON deliveries (state, id) WHERE state = 'ready' OR state = 'in_doubt' OR state = 'failed' OR state = 'skipped' OR state = 'expired' OR state = 'cancelled';
