package people

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	defaultPage = 50
	maxPage     = 100
	// maxFound bounds a search that is paged through: who is not among so many is
	// found by one word more.
	maxFound = 500
)

// Filter narrows a list of people. Query is as SearchPeople's; Account is an id,
// Segment a name. Limit is 50, at most 100.
type Filter struct {
	Query   string
	Account string
	Segment string
	Cursor  string
	Limit   int
}

// Row is a person in a list: who they are, how many suggestions are theirs, and
// since when they are known.
type Row struct {
	Hit
	Suggestions int
	Since       time.Time
}

// List gives people, the latest first or, where something is sought, in the order
// of what matches, and the cursor of the next page, "" at the end. Needs
// auth.ReadPeople.
func (p *People) List(ctx context.Context, a auth.Actor, f Filter) (rows []Row, next string, err error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return nil, "", err
	}
	if f.Limit <= 0 {
		f.Limit = defaultPage
	}
	f.Limit = min(f.Limit, maxPage)
	ids, next, err := p.page(ctx, f)
	if err != nil || len(ids) == 0 {
		return []Row{}, "", wrap("list people", err)
	}
	hits, err := p.hits(ctx, ids)
	if err != nil {
		return nil, "", wrap("list people", err)
	}
	var known []struct {
		ID        string
		N         int
		CreatedAt time.Time
	}
	err = p.db.Read(ctx).Raw(`SELECT p.id, p.created_at, (SELECT COUNT(*) FROM suggestions s WHERE s.person_id = p.id) AS n FROM people p WHERE p.id IN ?`, ids).Scan(&known).Error
	if err != nil {
		return nil, "", wrap("list people", err)
	}
	at := map[string]int{}
	for i, k := range known {
		at[k.ID] = i
	}
	for _, h := range hits {
		k := known[at[h.ID]]
		rows = append(rows, Row{h, k.N, k.CreatedAt})
	}
	return rows, next, nil
}

// page names the people of a page.
func (p *People) page(ctx context.Context, f Filter) (ids []string, next string, err error) {
	q := p.db.Read(ctx).Model(&models.Person{}).Where("merged_into = ''")
	if f.Account != "" {
		q = q.Where("account_id = ? AND account_id <> ''", f.Account)
	}
	if f.Segment != "" {
		q = q.Where("segment = ? AND segment <> ''", f.Segment)
	}
	if f.Query != "" {
		return p.foundPage(ctx, q, f)
	}
	if f.Cursor != "" {
		if !models.IsID(models.PrefixPerson, f.Cursor) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("id < ?", f.Cursor)
	}
	if err := q.Order("id DESC").Limit(f.Limit+1).Pluck("id", &ids).Error; err != nil {
		return nil, "", err
	}
	if len(ids) > f.Limit {
		ids = ids[:f.Limit]
		next = ids[f.Limit-1]
	}
	return ids, next, nil
}

// foundPage pages through what a search finds; its cursor is a place.
func (p *People) foundPage(ctx context.Context, q *gorm.DB, f Filter) (ids []string, next string, err error) {
	from := 0
	if f.Cursor != "" {
		if from, err = strconv.Atoi(f.Cursor); err != nil || from < 0 || from > maxFound {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
	}
	all, err := p.found(ctx, f.Query, maxFound)
	if err != nil || len(all) == 0 {
		return nil, "", err
	}
	var fit []string
	if err := q.Where("id IN ?", all).Pluck("id", &fit).Error; err != nil {
		return nil, "", err
	}
	fits := map[string]bool{}
	for _, id := range fit {
		fits[id] = true
	}
	n := 0
	for _, id := range all {
		if !fits[id] {
			continue
		}
		if n++; n > from && len(ids) < f.Limit {
			ids = append(ids, id)
		}
	}
	if n > from+len(ids) {
		next = strconv.Itoa(from + len(ids))
	}
	return ids, next, nil
}

// Whole is a person with where they are, in the order in which mail would choose.
// Account is nil without one. HasPhrase says that they set a phrase, which is
// nobody else's to read.
type Whole struct {
	models.Person
	Addresses []models.Address
	Account   *models.Account
	HasPhrase bool
}

// Get returns a person; one who was merged leads to who they are. The phrase is
// left out. Needs auth.ReadPeople. NotFound person_not_found.
func (p *People) Get(ctx context.Context, a auth.Actor, id string) (Whole, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return Whole{}, err
	}
	w, err := p.whole(p.db.Read(ctx), id)
	return w, wrap("read person", err)
}

func (p *People) whole(tx *gorm.DB, id string) (w Whole, err error) {
	if id, err = models.StandingPerson(tx, id); err != nil {
		return w, err
	}
	if err := tx.First(&w.Person, "id = ?", id).Error; models.IsNotFound(err) {
		return w, models.Fail(models.NotFound, "person_not_found")
	} else if err != nil {
		return w, err
	}
	w.HasPhrase, w.Phrase = w.Phrase != "", ""
	at, err := addressesOf(tx, []string{id})
	if err != nil {
		return w, err
	}
	w.Addresses = at[id]
	if w.AccountID == "" {
		return w, nil
	}
	w.Account = &models.Account{}
	return w, tx.First(w.Account, "id = ?", w.AccountID).Error
}

// Said gives a person's suggestions, newest first, and the cursor of the next page.
// Needs auth.ReadPeople and auth.ReadAll.
func (p *People) Said(ctx context.Context, a auth.Actor, id, cursor string) (rows []models.Suggestion, next string, err error) {
	for _, need := range []auth.Action{auth.ReadPeople, auth.ReadAll} {
		if err := auth.Can(a, need); err != nil {
			return nil, "", err
		}
	}
	q := p.db.Read(ctx).Where("person_id = ?", id)
	if cursor != "" {
		if !models.IsID(models.PrefixSuggestion, cursor) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("id < ?", cursor)
	}
	if err := q.Order("id DESC").Limit(defaultPage + 1).Find(&rows).Error; err != nil {
		return nil, "", wrap("read what a person said", err)
	}
	if len(rows) > defaultPage {
		rows = rows[:defaultPage]
		next = rows[defaultPage-1].ID
	}
	return rows, next, nil
}

// Voted is a theme that a person stands behind.
type Voted struct {
	Theme  models.Theme `gorm:"embedded"`
	Origin string
	At     time.Time
}

// Votes gives the themes that a person stands behind, the latest 200, newest first.
// Needs auth.ReadPeople and auth.ReadAll.
func (p *People) Votes(ctx context.Context, a auth.Actor, id string) (out []Voted, err error) {
	for _, need := range []auth.Action{auth.ReadPeople, auth.ReadAll} {
		if err := auth.Can(a, need); err != nil {
			return nil, err
		}
	}
	err = p.db.Read(ctx).Raw(`SELECT h.*, v.origin, v.created_at AS at FROM votes v JOIN themes h ON h.id = v.theme_id
		WHERE v.person_id = ? ORDER BY v.created_at DESC, h.id LIMIT 200`, id).Scan(&out).Error
	return out, wrap("read votes", err)
}
