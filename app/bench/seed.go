package bench

import (
	"context"
	"fmt"
	"math/rand/v2"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

const (
	seedBatch      = 500 // rows a statement: 28 columns of them stay below SQLite's limit of 32,766 values
	perTopic       = 20  // stored suggestions to a theme, on average
	perPerson      = 4
	shareInbox     = .1 // suggestions that wait without a theme
	shareCandidate = 7  // every seventh theme is not confirmed
	sharePublic    = 3  // every third is published
	seedTexts      = 1
	askTexts       = 2 // other texts on the same topics
	addTexts       = 3 // and others again
	seedSource     = "stored"
)

// topicsOf is how many topics so many suggestions are about.
func topicsOf(items int) int { return max(perTopic, items/perTopic) }

// seeder fills an empty store with suggestions as if they had come in and been
// triaged: the same rows, activities and counts, but hundreds in a transaction.
type seeder struct {
	db     *models.DB
	texts  *texts
	rng    *rand.Rand
	themes []models.Theme // by topic
	people []string
	reader *reader
	items  int
	done   func(done, total int)
}

// seed stores so many suggestions. The store stays sound: models.DB.Check finds
// nothing.
func seed(ctx context.Context, db *models.DB, items int, done func(done, total int)) error {
	if items == 0 {
		return nil
	}
	s := &seeder{db: db, texts: newTexts(seedTexts, topicsOf(items)), rng: rand.New(rand.NewPCG(seedTexts, 1)), reader: newReader(items), items: items, done: done}
	for _, step := range []func(context.Context) error{s.addPeople, s.addThemes, s.addSuggestions, s.count} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// batches calls f for [from, to) in a transaction each.
func (s *seeder) batches(ctx context.Context, n int, f func(ctx context.Context, tx *gorm.DB, from, to int) error) error {
	for from := 0; from < n; from += seedBatch {
		if err := s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error { return f(ctx, tx, from, min(n, from+seedBatch)) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) addPeople(ctx context.Context) error {
	now := s.db.Now()
	return s.batches(ctx, max(1, s.items/perPerson), func(_ context.Context, tx *gorm.DB, from, to int) error {
		var people []models.Person
		var addresses []models.Address
		for i := from; i < to; i++ {
			p := models.Person{ID: models.NewID(models.PrefixPerson), Locale: []string{"en", "zh"}[i%2], CreatedAt: now, UpdatedAt: now}
			people = append(people, p)
			addresses = append(addresses, models.Address{Channel: models.ChannelEmail, Value: fmt.Sprintf("stored-%d@bench.example", i), PersonID: p.ID, CreatedAt: now})
			s.people = append(s.people, p.ID)
		}
		if err := tx.Create(people).Error; err != nil {
			return err
		}
		return tx.Create(addresses).Error
	})
}

// addThemes makes one per topic, with every status there is.
func (s *seeder) addThemes(ctx context.Context) error {
	statuses := append([]models.Status{models.StatusReceived}, models.Settable()...)
	return s.batches(ctx, topicsOf(s.items), func(ctx context.Context, tx *gorm.DB, from, to int) error {
		var acts []*models.Activity
		for topic := from; topic < to; topic++ {
			th := s.theme(topic, statuses[topic%len(statuses)])
			s.themes = append(s.themes, th)
			facts := th.Facts()
			acts = append(acts, &models.Activity{Verb: models.ThemeCreated, ThemeID: th.ID, Snapshot: models.Change{After: &facts}.Encode()})
			if th.Status != models.StatusCandidate {
				acts = append(acts, &models.Activity{Verb: models.ThemeConfirmed, ThemeID: th.ID, Snapshot: models.Change{After: &facts}.Encode()})
			}
		}
		if err := tx.Create(s.themes[from:to]).Error; err != nil {
			return err
		}
		if err := s.readThemes(ctx, tx, from, to); err != nil {
			return err
		}
		return s.db.Record(ctx, tx, auth.System().By(), acts...)
	})
}

// readThemes stores the vectors of what themes are called for the public.
func (s *seeder) readThemes(ctx context.Context, tx *gorm.DB, from, to int) error {
	var rows []models.Vector
	for topic := from; topic < to; topic++ {
		th := &s.themes[topic]
		if th.PublicTitle.IsEmpty() {
			continue
		}
		for part, title := range map[string]string{"|en": th.PublicTitle.EN, "|zh": th.PublicTitle.ZH} {
			row, err := s.reader.row(ctx, th.ID+part, title, "", topic)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Create(rows).Error
}

func (s *seeder) theme(topic int, status models.Status) models.Theme {
	subject, wish, _ := s.texts.matter(topic)
	now := s.db.Now()
	th := models.Theme{ID: models.NewID(models.PrefixTheme), Title: subject.en[0] + " " + wish.en[0], Status: status, Rev: 2, StatusAt: now, CreatedAt: now, UpdatedAt: now}
	if topic%shareCandidate == 0 {
		th.Status, th.Rev = models.StatusCandidate, 1
		return th
	}
	if th.Public = topic%sharePublic == 0; th.Public {
		th.PublicTitle = models.Text{EN: th.Title, ZH: subject.zh[0] + wish.zh[0]}
	}
	if status.WantsReason() {
		th.Reason = models.Text{EN: "Generated for a measurement.", ZH: "为测量而生成。"}
	}
	return th
}

// suggestionRows are the rows of a batch of suggestions.
type suggestionRows struct {
	suggestions []models.Suggestion
	places      []models.SuggestionTheme
	votes       []models.Vote
	exact       []models.ExactText
	vectors     []models.Vector
	acts        []*models.Activity
}

func (s *seeder) addSuggestions(ctx context.Context) error {
	return s.batches(ctx, s.items, func(ctx context.Context, tx *gorm.DB, from, to int) error {
		var r suggestionRows
		for i := from; i < to; i++ {
			if err := s.suggestion(ctx, &r, i); err != nil {
				return err
			}
		}
		once := clause.OnConflict{DoNothing: true} // who votes twice, or says what another said, has one row
		for _, rows := range []any{r.suggestions, r.places, r.votes, r.exact, r.vectors} {
			if err := tx.Clauses(once).Create(rows).Error; err != nil {
				return err
			}
		}
		s.done(to, s.items)
		return s.db.Record(ctx, tx, auth.System().By(), r.acts...)
	})
}

func (s *seeder) suggestion(ctx context.Context, r *suggestionRows, i int) error {
	x, now := s.texts.next(), s.db.Now()
	th := &s.themes[x.topic]
	row := models.Suggestion{
		ID: models.NewID(models.PrefixSuggestion), Text: x.body, Kind: models.KindSuggestion, Lang: x.lang, Source: seedSource, State: models.StateNew,
		PersonID: s.people[s.rng.IntN(len(s.people))], Receipt: fmt.Sprintf("BENCH-%d", i), ExactHash: dedup.ExactKey("", x.body), LikelyTheme: th.ID,
		Candidates: models.AsJSON([]models.Candidate{{Theme: th.ID, Score: .5, Reasons: []models.Reason{{Kind: "words", Words: []string{"generated"}}}}}),
		Action:     models.ActionSuggested, Waiting: true, Rev: 1, CreatedAt: now, UpdatedAt: now,
	}
	if s.rng.Float64() >= shareInbox {
		row.Action, row.ThemesCount, row.Waiting = models.ActionAssigned, 1, th.Status == models.StatusCandidate
		r.places = append(r.places, models.SuggestionTheme{SuggestionID: row.ID, ThemeID: th.ID, Action: row.Action, CreatedAt: now})
		r.votes = append(r.votes, models.Vote{ThemeID: th.ID, PersonID: row.PersonID, Origin: models.VoteBySuggestion, CreatedAt: now})
	}
	r.suggestions = append(r.suggestions, row)
	r.exact = append(r.exact, models.ExactText{Visibility: models.VisibilityTeam, Hash: row.ExactHash, SuggestionID: row.ID})
	r.acts = append(r.acts, &models.Activity{Verb: models.SuggestionFiled, SuggestionID: row.ID, PersonID: row.PersonID, Snapshot: models.Change{Action: row.Action}.Encode()})
	vec, err := s.reader.row(ctx, row.ID, "", row.Text, x.topic)
	r.vectors = append(r.vectors, vec)
	return err
}

// count brings the themes' counts in step with the rows, and lets the planner
// know how large the tables have become.
func (s *seeder) count(ctx context.Context) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		err := tx.Exec(`UPDATE themes SET suggestions_count = (SELECT COUNT(*) FROM suggestion_themes x WHERE x.theme_id = themes.id),
			people_count = (SELECT COUNT(*) FROM votes v WHERE v.theme_id = themes.id)`).Error
		if err != nil {
			return err
		}
		if s.db.Dialect() == "postgres" { // as its autovacuum soon would
			return tx.Exec("ANALYZE").Error
		}
		return nil
	})
}
