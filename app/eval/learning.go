package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/heedhq/heed/app/config"
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup/learn"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// judged is how many texts at most are asked after each number of decisions.
const judged = 1000

// Learning measures what decisions teach. The texts of a file come in, in their
// order, through the door of a Heed of its own, and a person puts each where it
// belongs; now and then it learns from that, as the nightly job does. After each
// number of decisions of points the last texts of the file, which never come in,
// are asked of an index that holds what was decided.
//
// A file of pairs is measured by LearningPairs.
func Learning(ctx context.Context, o Options, path string, points []int) (t Table, err error) {
	if ps, err := read[pair](path); err != nil || ps[0].A != "" {
		if err != nil {
			return t, err
		}
		return LearningPairs(ctx, o, path, points)
	}
	h, err := newHouse()
	if err != nil {
		return t, err
	}
	s, err := h.load(ctx, o, path)
	if err != nil {
		return t, err
	}
	points = slices.Compact(slices.Sorted(slices.Values(points)))
	if len(points) == 0 || points[0] < 0 || points[len(points)-1] >= len(s.texts) {
		return t, fmt.Errorf("decisions: %v of %d texts: give numbers from 0, the greatest leaving some texts to ask about", points, len(s.texts))
	}
	c := &course{house: h, set: s, most: points[len(points)-1]}
	c.first = max(c.most, len(s.texts)-judged)
	taught, err := c.decide(ctx, o, points)
	if err != nil {
		return t, err
	}
	t = Table{Measurement: "learning", Of: "decisions", Columns: counts("themes known"),
		Conditions: fmt.Sprintf("%s, the last %d texts asked of the first that were decided; best recall: at precision %.2f on these; joining unasked: from the threshold that the decisions bear out; the whole index: what was learned, in an index of all %d",
			s.name, len(s.texts)-c.first, promised, c.most)}
	t.Columns = append(t.Columns, shares("right theme first, before learning", "right theme first, after learning", "best recall, before learning", "best recall, after learning",
		"threshold", "joins unasked: precision", "joins unasked: recall", "in the whole index: right theme first", "in the whole index: best recall")...)
	for i, n := range points {
		if err := c.measure(ctx, o, &t, n, taught[i]); err != nil {
			return t, err
		}
	}
	return t, nil
}

// course is a set that is decided on, text by text.
type course struct {
	*house
	set   *set
	most  int // decisions in all
	first int // of the texts that are asked
}

// decide decides on the first texts, and returns what was learned at each point.
func (c *course) decide(ctx context.Context, o Options, points []int) (taught []models.Calibration, err error) {
	member := auth.Actor{Kind: models.ActorMember, ID: "mem_eval", Name: "eval", Role: models.RolePM}
	s, err := newStream(ctx, member, config.Attach{Mode: config.AttachOff})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	progress := o.Progress("deciding")
	known := map[string]string{}
	for n := 0; ; n++ {
		point := slices.Contains(points, n)
		if n > 0 && (point || refits(n)) {
			if err := s.app.Themes.Calibrate(ctx); err != nil {
				return nil, err
			}
		}
		if point {
			q, err := s.app.Themes.Quality(ctx, s.actor)
			if err != nil {
				return nil, err
			}
			taught = append(taught, q.Taught)
		}
		if n == c.most {
			return taught, nil
		}
		if err := s.decide(ctx, c.set.texts[n], known); err != nil {
			return nil, fmt.Errorf("%s: %w", c.set.texts[n].ID, err)
		}
		progress(n+1, c.most)
	}
}

// refits reports after which decisions what they teach is learned.
func refits(n int) bool { return n <= 1000 && n%100 == 0 || n%500 == 0 }

// decide files a text and puts it into its theme, a new one if it is the first.
func (s *stream) decide(ctx context.Context, t text, known map[string]string) error {
	f, err := s.app.Intake.File(ctx, s.actor, t.submission())
	if err != nil {
		return err
	}
	as := themes.Assignment{Theme: known[t.theme()]}
	if as.Theme == "" {
		as.NewTitle = t.theme()
	}
	_, now, err := s.app.Themes.Assign(ctx, s.actor, []string{f.Suggestion.ID}, as)
	if err != nil || len(now) == 0 {
		return err
	}
	known[t.theme()] = now[0].ID
	return nil
}

// measure asks the last texts after n decisions.
func (c *course) measure(ctx context.Context, o Options, t *Table, n int, taught models.Calibration) error {
	var model *learn.Model
	if taught.LearnedUsed {
		var err error
		if model, err = learn.Unmarshal(taught.Learned); err != nil {
			return err
		}
	}
	before, err := c.ask(ctx, o, n, nil)
	if err != nil {
		return err
	}
	after, err := c.ask(ctx, o, n, model)
	if err != nil {
		return err
	}
	all, err := c.ask(ctx, o, c.most, model)
	if err != nil {
		return err
	}
	joins := func(*verdict) bool { return false }
	at := none()
	if taught.Decisions >= themes.LeastDecisions && taught.Threshold > 0 {
		at, joins = taught.Threshold, unasked(taught.Threshold)
	}
	names := map[string]bool{}
	for i := range n {
		names[c.set.texts[i].theme()] = true
	}
	un := count(after, joins)
	t.add(fmt.Sprint(n), float64(len(names)), count(before, joins).rightFirst, un.rightFirst, most(before), most(after), at, un.precision, un.recall,
		count(all, joins).rightFirst, most(all))
	return nil
}

// ask asks the last texts of an index of the first n.
func (c *course) ask(ctx context.Context, o Options, n int, model *learn.Model) ([]verdict, error) {
	index, err := c.empty(true, 0)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for i := range n {
		index.Put(c.set.item(i))
		names[c.set.texts[i].theme()] = true
	}
	index.Learn(model)
	vs := make([]verdict, len(c.set.texts)-c.first)
	err = each(ctx, o.Progress("asking"), len(vs), func(k int) error {
		i := c.first + k
		theme := c.set.texts[i].theme()
		vs[k] = judge(index, c.set.query(i), theme, names[theme])
		return nil
	})
	return vs, err
}
