-- +goose Up
-- Who looks for what is not in a mail yet has an index of their own; with this one SQLite went through all
-- that waits and sorted it, for each batch that it settles. Who looks for what is in a mail says that it is in one.
DROP INDEX follow_up_items_delivery;
CREATE INDEX follow_up_items_delivery ON follow_up_items (delivery_id) WHERE delivery_id <> '';
