-- +goose Up
-- What an item tells of, so that what is due to one person can be put together without asking for each event.
ALTER TABLE follow_up_items ADD COLUMN kind TEXT NOT NULL DEFAULT 'status';
UPDATE follow_up_items SET kind = COALESCE((SELECT e.kind FROM follow_up_events e WHERE e.id = follow_up_items.event_id), 'status')
    WHERE EXISTS (SELECT 1 FROM follow_up_events e WHERE e.id = follow_up_items.event_id AND e.kind <> 'status');
