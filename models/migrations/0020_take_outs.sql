-- +goose Up
-- What is taken out of the mail that nobody has yet, chunk by chunk: an event, why ('recalled', 'taken_back', or '' where it is
-- told after all), the last person done, how many were taken out and how many had heard of it.
CREATE TABLE take_outs (
    event_id   TEXT PRIMARY KEY REFERENCES follow_up_events (id),
    reason     TEXT NOT NULL,
    cursor     TEXT NOT NULL,
    taken      BIGINT NOT NULL,
    gone       BIGINT NOT NULL,
    done_at    TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX take_outs_open ON take_outs (event_id) WHERE done_at IS NULL;

-- How many of very many have not yet heard of an event, as they were last counted.
CREATE TABLE held_counts (
    event_id   TEXT PRIMARY KEY REFERENCES follow_up_events (id),
    people     BIGINT NOT NULL,
    counted_at TIMESTAMP NOT NULL
);
CREATE INDEX fanouts_many ON fanouts (created_at) WHERE people > 5000;

-- Who muted a theme that goes into another.
CREATE INDEX theme_mutes_theme ON theme_mutes (theme_id);

-- What endpoints have not told people yet.
CREATE INDEX webhook_messages_people ON webhook_messages (endpoint_id) WHERE person_id <> '' AND state IN ('ready', 'leased');
