package console

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// quality shows how well suggestions find their theme, and what another threshold
// would have done.
func (c *Console) quality(ec echo.Context) error {
	q, err := c.s.Themes.Quality(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	d := qualityOf(&q)
	status := http.StatusOK
	if d.Replay, err = c.replay(ec, &q); err != nil {
		return err
	}
	if d.Replay.Error != "" {
		status = http.StatusUnprocessableEntity
	}
	return c.Show(ec, status, c.view(ec, c.Printer(ec).T("nav.quality")), ui.PageQuality, d)
}

func qualityOf(q *themes.Quality) ui.Quality {
	t := &q.Taught
	d := ui.Quality{Measured: q.Measured, StandIn: q.StandIn, Waiting: q.Encoding, Mode: q.Mode, Sure: percent(q.At), Decisions: q.Decisions, Needed: themes.LeastDecisions,
		Promised: percent(themes.Promised), Precision: precisionOf(q.All), Recall: recallOf(q.All),
		Pairs: t.LearnedFrom, LearnedUsed: t.LearnedUsed, Before: percent(t.OrderBefore), After: percent(t.OrderAfter)}
	if q.Model != models.WordsModel {
		d.Model = q.Model
	}
	if q.Mode == themes.ModeAuto && t.Threshold > 0 {
		d.Would, d.Reach = ui.Ratio{N: t.AboveRight, Of: t.Above}, ui.Ratio{N: t.AboveRight, Of: t.Existing}
	}
	for _, b := range q.Bands {
		d.Bands = append(d.Bands, ui.QualityBand{Name: b.Name, Filed: b.Filed, Right: b.Right, Wrong: b.Wrong, Open: b.Open})
	}
	for _, w := range q.Weeks {
		d.Weeks = append(d.Weeks, ui.QualityWeek{Start: w.Start, Decisions: w.Decisions, Precision: precisionOf(w.Tally), Recall: recallOf(w.Tally)})
	}
	return d
}

func precisionOf(t themes.Tally) ui.Ratio { return ui.Ratio{N: t.Named, Of: t.Proposed} }
func recallOf(t themes.Tally) ui.Ratio    { return ui.Ratio{N: t.Found, Of: t.Existed} }

// percent is rounded down: what is not sure is not 100 percent.
func percent(share float64) int { return int(math.Floor(share*100 + 1e-9)) }

// replay answers the form, when it was sent.
func (c *Console) replay(ec echo.Context, q *themes.Quality) (ui.Replay, error) {
	p := c.Printer(ec)
	f := ui.Replay{Sure: strings.TrimSpace(ec.QueryParam("sure"))}
	days := 30
	if n, err := strconv.Atoi(ec.QueryParam("days")); err == nil {
		days = n
	}
	for _, n := range []int{7, 30, 90, 365} {
		f.Days = append(f.Days, ui.Option{Value: strconv.Itoa(n), Label: p.T("quality.replay.days.n", n), Selected: n == days})
	}
	if !ec.QueryParams().Has("sure") {
		f.Sure = strconv.Itoa(max(percent(q.At), percent(q.Taught.Threshold)))
		if f.Sure == "0" {
			f.Sure = "90"
		}
		return f, nil
	}
	at := 0.0 // nothing typed: nothing joins
	if f.Sure != "" {
		n, err := strconv.ParseFloat(f.Sure, 64)
		if at = n / 100; err != nil || n <= 0 {
			at = -1
		}
	}
	r, err := c.s.Themes.Replay(contextOf(ec), actorOf(ec), at, days)
	if models.KindOf(err) == models.Invalid {
		f.Error = p.T("quality.replay.range")
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.Result = c.replayedOf(ec, r)
	f.CSV = "/quality.csv?" + url.Values{"table": {"doubtful"}, "sure": {f.Sure}, "days": {strconv.Itoa(days)}}.Encode()
	return f, nil
}

func (c *Console) replayedOf(ec echo.Context, r *themes.Replayed) *ui.Replayed {
	v := &ui.Replayed{Off: r.Threshold == 0, Sure: percent(r.Threshold), Days: r.Days, Filed: r.Filed, Joined: r.Joined,
		Right: ui.Ratio{N: r.Right, Of: r.Decided}, Spared: r.Spared, Returned: r.Returned}
	locale := actorOf(ec).Locale
	for i := range r.Doubtful {
		d := &r.Doubtful[i]
		s := &d.Suggestion
		row := ui.Doubtful{Title: titleOf(s), Lang: langOfWords(s.Lang), URL: "/inbox/" + s.ID, Theme: refOf(&d.Theme, locale), Outcome: "open"}
		why := likelyOf(c.Printer(ec), themes.Found{Reasons: d.Reasons})
		row.Theme.Reasons, row.Theme.Mismatch = why.Reasons, why.Mismatch
		switch {
		case d.Right:
			row.Outcome = "right"
		case d.Chosen != nil:
			row.Outcome, row.Chosen = "wrong", refOf(d.Chosen, locale)
		case d.Decided:
			row.Outcome = "refused"
		}
		v.Doubtful = append(v.Doubtful, row)
	}
	return v
}
