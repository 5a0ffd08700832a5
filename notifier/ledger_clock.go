package notifier

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// maxClocks is how many clocks one mail lists.
const maxClocks = 30

// tellClocks queues a mail for everybody who answers for what the activities say is
// late or soon will be: one for each sweep, which lists all of it.
func (n *Notifier) tellClocks(ctx context.Context, tx *gorm.DB, acts []models.Activity) error {
	teams := map[string][]string{} // by sweep
	var sweeps []string
	for i := range acts {
		if acts[i].Verb != models.ClockWarned && acts[i].Verb != models.ClockBreached {
			continue
		}
		var s models.ClockStep
		if err := json.Unmarshal([]byte(acts[i].Snapshot), &s); err != nil {
			return fmt.Errorf("activity %s: %w", acts[i].ID, err)
		}
		if _, ok := teams[s.Sweep]; !ok {
			sweeps = append(sweeps, s.Sweep)
		}
		if !slices.Contains(teams[s.Sweep], s.Team) {
			teams[s.Sweep] = append(teams[s.Sweep], s.Team)
		}
	}
	for _, sweep := range sweeps {
		for _, team := range teams[sweep] {
			members, err := teamAudience(tx, team)
			if err != nil {
				return err
			}
			if err := n.tellMembers(ctx, tx, KindClock, sweep, members); err != nil {
				return err
			}
		}
	}
	return nil
}

// clockWriting is what the clock mails of one batch are written from.
type clockWriting struct {
	rows     map[string][]clockRow // by sweep
	teams    map[string]models.Team
	audience map[string][]models.Member // by team
	zone     *time.Location
}

type clockRow struct {
	Sweep, Step, ID, Title, Text, Lang, Team string
	Urgency                                  models.Urgency
	Confidential                             bool
	DueAt                                    time.Time
}

func (w *writing) loadClocks(ctx context.Context, ds []models.Delivery) error {
	var sweeps []string
	for _, d := range ds {
		if d.Kind == string(KindClock) {
			about, _ := aboutOf(d)
			sweeps = append(sweeps, about)
		}
	}
	if len(sweeps) == 0 {
		return nil
	}
	db := w.n.db.Read(ctx)
	c := clockWriting{rows: map[string][]clockRow{}, audience: map[string][]models.Member{}, zone: time.UTC}
	var rows []clockRow
	err := db.Raw(`SELECT m.sweep, m.step, m.due_at, s.id, s.title, s.text, s.lang, s.team, s.urgency, s.confidential FROM clock_marks m
		JOIN suggestions s ON s.id = m.suggestion_id WHERE m.sweep IN ? ORDER BY m.step, m.due_at, s.id`, distinct(sweeps)).Scan(&rows).Error
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, func(a, b clockRow) int { // what is late first, and of that the most urgent
		return cmp.Or(cmp.Compare(a.Step, b.Step), slices.Index(models.Urgencies(), a.Urgency)-slices.Index(models.Urgencies(), b.Urgency))
	})
	for _, r := range rows {
		c.rows[r.Sweep] = append(c.rows[r.Sweep], r)
		if _, ok := c.audience[r.Team]; !ok {
			if c.audience[r.Team], err = teamAudience(db, r.Team); err != nil {
				return err
			}
		}
	}
	var teams []models.Team
	if err := db.Find(&teams).Error; err != nil {
		return err
	}
	c.teams = byID(teams, func(t models.Team) string { return t.Key })
	var s models.ClockSetting
	if err := db.Limit(1).Find(&s, "id = 1").Error; err != nil {
		return err
	}
	if zone, err := time.LoadLocation(s.Clocks.V.Zone); err == nil {
		c.zone = zone
	}
	w.clocks = c
	return nil
}

var errNobodysClock = errors.New("nothing of it is the member's to answer any more")

// clockMessage lists what of a sweep is the member's to answer.
func (w *writing) clockMessage(d models.Delivery, m *Message) error {
	sweep, member := aboutOf(d)
	c := &w.clocks
	m.Zone, m.ClocksURL = c.zone, w.n.o.PublicURL+"/inbox?sort=due"
	for _, r := range c.rows[sweep] {
		i := slices.IndexFunc(c.audience[r.Team], func(x models.Member) bool { return x.ID == member })
		if i < 0 {
			continue
		}
		if m.To.Name = c.audience[r.Team][i].Name; len(m.Clocks) == maxClocks {
			m.MoreClocks++
			continue
		}
		line := ClockLine{URL: w.n.o.PublicURL + "/inbox/" + r.ID, Urgency: r.Urgency, DueAt: r.DueAt, Breached: r.Step == models.ClockBreach}
		line.Team, _ = c.teams[r.Team].Name.In(string(m.Locale))
		if !r.Confidential { // those are read in the console alone
			line.Title, line.TitleLang = words{Title: r.Title, Text: r.Text}.first(), r.Lang
		}
		m.Clocks = append(m.Clocks, line)
	}
	if len(m.Clocks) == 0 {
		return errNobodysClock
	}
	return nil
}
