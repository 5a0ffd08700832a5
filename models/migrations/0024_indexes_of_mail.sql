-- +goose Up
-- Who looks for what is not in a mail yet has an index of their own; with this one SQLite went through all
-- that waits and sorted it, for each batch that it settles. Who looks for what is in a mail says that it is in one.
DROP INDEX follow_up_items_delivery;
CREATE INDEX follow_up_items_delivery ON follow_up_items (delivery_id) WHERE delivery_id <> '';

-- A lease has an end as long as it lasts, whether its mail is on its way or not yet: so a mail that goes out
-- leaves this index alone.
UPDATE deliveries SET lease_until = NULL WHERE state <> 'leased' AND state <> 'sending' AND lease_until IS NOT NULL;
DROP INDEX deliveries_leased;
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE lease_until IS NOT NULL;
