package people

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Hit is a person who was found. Address is where they are: an e-mail address, else
// a handle with its channel; both "" for nobody's address. Account is the name of
// their account, "" without one.
type Hit struct {
	ID      string
	Name    string
	Channel string
	Address string
	Account string
	Segment string
	Locale  string
}

const (
	maxHits = 50
	// maxLooked bounds how many rows a search of several words goes through, where
	// each word alone begins a hundred thousand names.
	maxLooked = 2000
)

// SearchPeople finds people for a typeahead: each word of q begins a word of their
// name, an address or one of its parts, a handle or their account. It goes through
// beginnings that are indexed and nothing else, whatever the number of people. An
// empty q finds nobody. limit is up to 50, 10 when it is not positive. Needs
// auth.ReadPeople.
func (p *People) SearchPeople(ctx context.Context, a auth.Actor, q string, limit int) ([]Hit, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 10
	}
	ids, err := p.found(ctx, q, min(limit, maxHits))
	if err != nil || len(ids) == 0 {
		return []Hit{}, wrap("search people", err)
	}
	hits, err := p.hits(ctx, ids)
	return hits, wrap("search people", err)
}

// found names up to limit people in the order of the beginnings that match: first
// whose name begins with all that was written, then who has each of its words.
func (p *People) found(ctx context.Context, q string, limit int) ([]string, error) {
	sought := soughtWords(q)
	if len(sought) == 0 {
		return nil, nil
	}
	out, err := p.holding(ctx, []string{cut(strings.Join(sought, " "))}, limit)
	if err != nil || len(sought) == 1 || len(out) == limit {
		return out, err
	}
	if sought, err = p.rarestFirst(ctx, sought); err != nil {
		return nil, err
	}
	also, err := p.holding(ctx, sought, limit)
	for _, id := range also {
		if !slices.Contains(out, id) && len(out) < limit {
			out = append(out, id)
		}
	}
	return out, err
}

// rarestFirst puts the word that the fewest begin with first: it is looked up, the
// others are asked of whom it finds.
func (p *People) rarestFirst(ctx context.Context, sought []string) ([]string, error) {
	n := map[string]int{}
	for _, w := range sought {
		var rows int
		args := map[string]any{"looked": maxLooked}
		bound(args, 0, w)
		err := p.db.Read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM person_terms WHERE term >= @from0 AND term < @to0 LIMIT @looked) x", args).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		n[w] = rows
	}
	slices.SortStableFunc(sought, func(a, b string) int { return cmp.Or(n[a]-n[b], len(b)-len(a)) })
	return sought, nil
}

// holding names people who have a term that begins with each of the words.
func (p *People) holding(ctx context.Context, sought []string, limit int) ([]string, error) {
	args := map[string]any{"looked": maxLooked, "rows": 8 * limit}
	bound(args, 0, sought[0])
	query := `SELECT t.person_id FROM (SELECT person_id, term FROM person_terms WHERE term >= @from0 AND term < @to0 ORDER BY term, person_id LIMIT @looked) t WHERE 1 = 1`
	for i := 1; i < len(sought); i++ {
		bound(args, i, sought[i])
		n := string(rune('0' + i))
		query += ` AND EXISTS (SELECT 1 FROM person_terms x WHERE x.person_id = t.person_id AND x.term >= @from` + n + ` AND x.term < @to` + n + `)`
	}
	var rows []string
	if err := p.db.Read(ctx).Raw(query+` ORDER BY t.term, t.person_id LIMIT @rows`, args).Scan(&rows).Error; err != nil {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	for _, id := range rows {
		if !seen[id] && len(out) < limit {
			seen[id], out = true, append(out, id)
		}
	}
	return out, nil
}

// soughtWords are the words of a query, at most five; a handle may be sought with
// its @, an address never loses one.
func soughtWords(q string) []string {
	var out []string
	for _, w := range words(fold(q)) {
		if w = cut(strings.TrimLeft(w, "@")); w != "" && !slices.Contains(out, w) && len(out) < 5 {
			out = append(out, w)
		}
	}
	return out
}

// bound adds the range of everything that begins with word: no text holds the byte
// 0xff.
func bound(args map[string]any, i int, word string) {
	n := string(rune('0' + i))
	args["from"+n], args["to"+n] = []byte(word), append([]byte(word), 0xff)
}

// hits reads people in the order of ids.
func (p *People) hits(ctx context.Context, ids []string) ([]Hit, error) {
	db := p.db.Read(ctx)
	var rows []models.Person
	if err := db.Find(&rows, "id IN ? AND merged_into = ''", ids).Error; err != nil {
		return nil, err
	}
	at, err := addressesOf(db, ids)
	if err != nil {
		return nil, err
	}
	names, err := accountNames(db, rows)
	if err != nil {
		return nil, err
	}
	by := map[string]Hit{}
	for _, r := range rows {
		h := Hit{ID: r.ID, Name: r.Name, Account: names[r.AccountID], Segment: r.Segment, Locale: r.Locale}
		if as := at[r.ID]; len(as) > 0 {
			h.Channel, h.Address = as[0].Channel, as[0].Value
		}
		by[r.ID] = h
	}
	out := make([]Hit, 0, len(ids))
	for _, id := range ids {
		if h, ok := by[id]; ok {
			out = append(out, h)
		}
	}
	return out, nil
}
