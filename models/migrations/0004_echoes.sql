-- +goose Up
-- Who says what others said in the same words takes no line of its own.

-- Of the suggestions with one text that stand in the same place, one leads and the others are its echoes: echo_of names it, '' for who leads.
-- The lead counts them, and the people behind all of them.
ALTER TABLE suggestions ADD COLUMN echo_of TEXT NOT NULL DEFAULT '';
ALTER TABLE suggestions ADD COLUMN echoes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE suggestions ADD COLUMN echo_people BIGINT NOT NULL DEFAULT 0;

WITH placed AS (
    SELECT s.id, s.product, s.exact_hash, s.person_id, s.state = 'closed' AS closed,
        COALESCE((SELECT string_agg(x.theme_id, ' ' ORDER BY x.theme_id) FROM suggestion_themes x WHERE x.suggestion_id = s.id), '') AS place
    FROM suggestions s WHERE s.exact_hash <> ''
), leads AS (
    SELECT product, exact_hash, closed, place, MIN(id) AS id, COUNT(*) - 1 AS echoes, COUNT(DISTINCT NULLIF(person_id, '')) AS people
    FROM placed GROUP BY product, exact_hash, closed, place HAVING COUNT(*) > 1
)
UPDATE suggestions SET
    echo_of = CASE WHEN l.id = p.id THEN '' ELSE l.id END,
    echoes = CASE WHEN l.id = p.id THEN l.echoes ELSE 0 END,
    echo_people = CASE WHEN l.id = p.id THEN l.people ELSE 0 END
FROM placed p JOIN leads l ON l.product = p.product AND l.exact_hash = p.exact_hash AND l.closed = p.closed AND l.place = p.place
WHERE suggestions.id = p.id;

-- The inbox is of leads, so that no list of it costs more where many say the same.
DROP INDEX suggestions_waiting;
DROP INDEX suggestions_desk;
DROP INDEX suggestions_likely;
DROP INDEX suggestions_exact;
CREATE INDEX suggestions_waiting ON suggestions (id) WHERE waiting = TRUE AND echo_of = '';
CREATE INDEX suggestions_desk ON suggestions (source, kind) WHERE waiting = TRUE AND echo_of = '';
CREATE INDEX suggestions_likely ON suggestions (likely_theme, id) WHERE waiting = TRUE AND echo_of = '';
CREATE INDEX suggestions_leads ON suggestions (exact_hash, product) WHERE exact_hash <> '' AND echo_of = '';
CREATE INDEX suggestions_echoes ON suggestions (echo_of, person_id) WHERE echo_of <> '';
CREATE INDEX suggestions_echoed ON suggestions (echo_of, id) WHERE echo_of <> '';
