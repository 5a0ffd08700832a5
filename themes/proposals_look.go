package themes

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// The nightly look for proposals goes in small steps, each a row, so that it
// goes on where it was when the process dies, on whatever node; and it makes way
// for those who wait for an answer.

const (
	// LookedAt is how many suggestions the nightly look compares: the latest ones, but for echoes.
	LookedAt = 20_000

	lookStep  = 200 // suggestions a step
	lookNear  = 60  // neighbours asked for
	lookPause = 50 * time.Millisecond
	lookWait  = 5 * time.Second // while the index is loading or lacks vectors
	lookTries = 360             // waits for vectors: half an hour
)

// progress is how far a look has come, as its job carries it.
type progress struct {
	Run   string `json:"run"`
	Model string `json:"model"` // whose vectors; similarities of two do not compare
	N     int    `json:"n"`     // steps done
	Seen  int    `json:"seen"`  // suggestions
	After string `json:"after"` // the last of them
	Tries int    `json:"tries"` // waits for texts that lack their vector
}

// looked is what a step found: items with their themes and what is near each.
type looked struct {
	Items  []string
	Themes []string
	Han    []bool // it is Chinese
	Near   [][]nearItem
}

type nearItem struct {
	Item int64 // models.Digest of its id
	S    float32
}

// Look does the next step of the nightly look for proposals. state is what the
// step before returned, "" to begin; next is "" when it has ended. wait is how
// long to wait before the next step. A step may be done twice.
func (t *Themes) Look(ctx context.Context, state string) (next string, wait time.Duration, err error) {
	if t.Warming() {
		return orBegin(state), lookWait, nil
	}
	var p progress
	v := t.index.view.Load()
	if json.Unmarshal([]byte(state), &p) != nil || p.Run == "" || p.Model != v.model() {
		if p.Tries < lookTries && t.Encoding() > 0 { // without their vectors texts seem to have nothing in common
			b, err := json.Marshal(progress{Tries: p.Tries + 1})
			return string(b), lookWait, err
		}
		if p, err = t.beginLook(ctx, v); err != nil {
			return "", 0, err
		}
	}
	ids, err := t.lookAt(ctx, p)
	if err != nil {
		return "", 0, err
	}
	if len(ids) == 0 {
		return "", 0, t.conclude(ctx, v, p)
	}
	found, err := t.near(ctx, v, ids)
	if err != nil {
		return "", 0, err
	}
	if err := t.keepStep(ctx, p, found); err != nil {
		return "", 0, err
	}
	p.N, p.Seen, p.After = p.N+1, p.Seen+len(ids), ids[len(ids)-1]
	b, err := json.Marshal(p)
	return string(b), lookPause, err
}

func orBegin(state string) string {
	if state == "" {
		return "{}"
	}
	return state
}

func (v *view) model() string {
	if v.reader == nil {
		return ""
	}
	return v.reader.Model()
}

// beginLook forgets a look that did not end.
func (t *Themes) beginLook(ctx context.Context, v *view) (progress, error) {
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("TRUE").Delete(&models.ProposalStep{}).Error
	})
	if err != nil {
		return progress{}, fmt.Errorf("begin to look for proposals: %w", err)
	}
	return progress{Run: models.NewID("run"), Model: v.model()}, nil
}

// lookAt names the next suggestions that stand in a theme, the latest first.
func (t *Themes) lookAt(ctx context.Context, p progress) (ids []string, err error) {
	n := min(lookStep, LookedAt-p.Seen)
	if n <= 0 {
		return nil, nil
	}
	q := t.db.Read(ctx).Model(&models.Suggestion{}).Where("themes_count > 0 AND echo_of = '' AND state <> ?", models.StateClosed)
	if p.After != "" {
		q = q.Where("id < ?", p.After)
	}
	if err := q.Order("id DESC").Limit(n).Pluck("id", &ids).Error; err != nil {
		return nil, fmt.Errorf("look for proposals: %w", err)
	}
	return ids, nil
}

// near asks the index what is near each of the suggestions, at half speed.
func (t *Themes) near(ctx context.Context, v *view, ids []string) (looked, error) {
	var out looked
	rows, err := t.index.texts(ctx, ids)
	if err != nil {
		return out, err
	}
	known := vectorsOf{}
	if v.reader != nil {
		items := slices.Clone(ids)
		for _, r := range rows {
			items = append(items, r.ID)
		}
		if known, err = t.index.vectors(ctx, v.reader, true, "item_id IN ?", items); err != nil {
			return out, err
		}
	}
	for i := range rows {
		r := &rows[i]
		if r.Theme == "" {
			continue
		}
		q := dedup.Query{Title: r.Title, Text: r.Text, Except: r.ID}
		if s, ok := known.of(r); ok {
			q.Vector = s.vec
		}
		began := time.Now()
		out.Items, out.Themes = append(out.Items, r.ID), append(out.Themes, r.Theme)
		out.Han = append(out.Han, inChinese(r.Title+r.Text))
		out.Near = append(out.Near, suggestionsOf(v.index.Nearest(q, lookNear), r.suggestion))
		pause(ctx, time.Since(began))
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	return out, nil
}

// inChinese reports whether a text is mostly that: a Han character says as much as
// three letters.
func inChinese(s string) bool {
	han, letters := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return 3*han > letters
}

// suggestionsOf leaves out what themes say themselves, and the other parts of the
// suggestion that was asked about.
func suggestionsOf(ns []dedup.Neighbour, suggestion string) []nearItem {
	out := make([]nearItem, 0, len(ns))
	for _, n := range ns {
		if of, _, _ := strings.Cut(n.Item, "|"); of != suggestion && strings.HasPrefix(of, models.PrefixSuggestion) {
			out = append(out, nearItem{models.Digest(n.Item, ""), float32(n.S)})
		}
	}
	return out
}

func (t *Themes) keepStep(ctx context.Context, p progress, found looked) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(found); err != nil {
		return fmt.Errorf("look for proposals: %w", err)
	}
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&models.ProposalStep{Run: p.Run, N: p.N, Body: b.Bytes()}).Error
	})
	if err != nil {
		return fmt.Errorf("look for proposals: %w", err)
	}
	return nil
}

// steps reads what the steps of a look found, in their order.
func (t *Themes) steps(ctx context.Context, run string) (all looked, err error) {
	for n := 0; ; n++ {
		var s models.ProposalStep
		res := t.db.Read(ctx).Limit(1).Find(&s, "run = ? AND n = ?", run, n)
		if res.Error != nil {
			return all, fmt.Errorf("look for proposals: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return all, nil
		}
		var part looked
		if err := gob.NewDecoder(bytes.NewReader(s.Body)).Decode(&part); err != nil {
			return all, fmt.Errorf("look for proposals: %w", err)
		}
		all.Items, all.Themes, all.Near = append(all.Items, part.Items...), append(all.Themes, part.Themes...), append(all.Near, part.Near...)
		all.Han = append(all.Han, part.Han...)
	}
}
