package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// tally counts decisions. A share is null while there is nothing to take it of.
type tally struct {
	Decisions int      `json:"decisions" doc:"What people decided"`
	Precision *float64 `json:"precision" doc:"Share of proposals whose first theme was right"`
	Recall    *float64 `json:"recall" doc:"Share of suggestions whose theme existed that had it proposed first"`
}

func tallyOf(t themes.Tally) tally {
	return tally{Decisions: t.Decisions, Precision: shareOf(t.Precision()), Recall: shareOf(t.Recall())}
}

func shareOf(x float64) *float64 {
	if x < 0 {
		return nil
	}
	return &x
}

// qualityView is how well suggestions find their theme.
type qualityView struct {
	Model     string     `json:"model" doc:"That reads the texts; words: their words alone"`
	StandIn   bool       `json:"stand_in" doc:"The preferred model fails"`
	Waiting   int        `json:"waiting" doc:"Texts that wait for their vector"`
	Attach    attachView `json:"attach"`
	Days      int        `json:"days" doc:"How far back all, bands and weeks look"`
	All       tally      `json:"all"`
	Bands     []bandView `json:"bands"`
	Weeks     []weekView `json:"weeks"`
	Learned   learned    `json:"learned"`
	WouldHave *replayed  `json:"would_have" doc:"What threshold would have done; null when none was asked for"`
}

// attachView is when a suggestion joins a theme without a person.
type attachView struct {
	Mode      string   `json:"mode" doc:"off, fixed or auto"`
	Threshold *float64 `json:"threshold" doc:"The score from which on it does; null: none does"`
	Decisions int      `json:"decisions" doc:"On what this model proposed"`
	Needed    int      `json:"needed" doc:"Before auto lets anything join"`
	Precision *float64 `json:"precision" doc:"Of what would have joined at the threshold that the decisions bear out"`
	Recall    *float64 `json:"recall" doc:"Share of suggestions with a theme that would have joined it"`
}

type bandView struct {
	Band  string `json:"band" doc:"attach, suggest or new: what was said of a suggestion"`
	Filed int    `json:"filed"`
	Right int    `json:"right"`
	Wrong int    `json:"wrong"`
	Open  int    `json:"open" doc:"Nobody decided"`
}

type weekView struct {
	Start string `json:"start" format:"date" doc:"The first of its seven days"`
	tally
}

// learned is what the decisions taught about which texts say the same.
type learned struct {
	Pairs  int      `json:"pairs"`
	Used   bool     `json:"used" doc:"false: it orders unseen pairs no better, so it is left aside"`
	Before *float64 `json:"before" doc:"Share of unseen pairs in the right order without it"`
	After  *float64 `json:"after" doc:"And with it"`
}

type replayed struct {
	Threshold float64        `json:"threshold"`
	Days      int            `json:"days"`
	Filed     int            `json:"filed"`
	Joined    int            `json:"joined" doc:"Would have joined a theme by themselves"`
	Decided   int            `json:"decided" doc:"Of these, people decided on so many"`
	Right     int            `json:"right" doc:"And bore out so many"`
	Precision *float64       `json:"precision"`
	Spared    int            `json:"spared" doc:"Decisions that nobody would have had to make"`
	Returned  int            `json:"returned" doc:"Joined by themselves, and would have waited for a person"`
	Doubtful  []doubtfulView `json:"doubtful" doc:"The ten most doubtful of those that would have joined"`
}

type doubtfulView struct {
	Suggestion string       `json:"suggestion"`
	Theme      themeBrief   `json:"theme"`
	Decided    bool         `json:"decided"`
	Right      bool         `json:"right"`
	Chosen     *themeBrief  `json:"chosen" doc:"Where a person put it instead"`
	Reasons    []reasonView `json:"reasons"`
}

func (a *API) quality() {
	type ask struct {
		Threshold float64 `query:"threshold" doc:"Also say what this score would have done, 0.5 to 1; 0 asks for none"`
		Days      int     `query:"days" doc:"To the suggestions of so many days, 30 when missing"`
	}
	register(a, http.MethodGet, "/quality", "How well suggestions find their theme, by the team's own decisions", func(ctx context.Context, in *ask) (qualityView, error) {
		actor := web.Actor(ctx)
		q, err := a.Themes.Quality(ctx, actor)
		if err != nil {
			return qualityView{}, err
		}
		v := qualityOf(&q)
		if in.Threshold == 0 {
			return v, nil
		}
		r, err := a.Themes.Replay(ctx, actor, in.Threshold, in.Days)
		if err != nil {
			return qualityView{}, err
		}
		v.WouldHave = a.replayedOf(ctx, r)
		return v, nil
	})
}

func qualityOf(q *themes.Quality) qualityView {
	c := &q.Taught
	v := qualityView{Model: q.Model, StandIn: q.StandIn, Waiting: q.Encoding, Days: themes.QualityDays, All: tallyOf(q.All), Bands: []bandView{}, Weeks: []weekView{},
		Attach:  attachView{Mode: q.Mode, Decisions: q.Decisions, Needed: themes.LeastDecisions},
		Learned: learned{Pairs: c.LearnedFrom, Used: c.LearnedUsed}}
	if q.At > 0 {
		v.Attach.Threshold = &q.At
	}
	if c.Threshold > 0 {
		precision, recall := c.Precision(), c.Recall()
		v.Attach.Precision, v.Attach.Recall = &precision, &recall
	}
	if c.OrderBefore > 0 {
		v.Learned.Before, v.Learned.After = &c.OrderBefore, &c.OrderAfter
	}
	for _, b := range q.Bands {
		v.Bands = append(v.Bands, bandView{Band: b.Name, Filed: b.Filed, Right: b.Right, Wrong: b.Wrong, Open: b.Open})
	}
	for _, w := range q.Weeks {
		v.Weeks = append(v.Weeks, weekView{Start: w.Start.Format(time.DateOnly), tally: tallyOf(w.Tally)})
	}
	return v
}

func (a *API) replayedOf(ctx context.Context, r *themes.Replayed) *replayed {
	v := &replayed{Threshold: r.Threshold, Days: r.Days, Filed: r.Filed, Joined: r.Joined, Decided: r.Decided, Right: r.Right, Precision: shareOf(r.Precision()),
		Spared: r.Spared, Returned: r.Returned, Doubtful: []doubtfulView{}}
	actor, p := web.Actor(ctx), a.Catalog.For(web.Locale(ctx))
	for i := range r.Doubtful {
		d := &r.Doubtful[i]
		w := doubtfulView{Suggestion: d.Suggestion.ID, Theme: *briefIfSeen(actor, &d.Theme), Decided: d.Decided, Right: d.Right, Chosen: briefIfSeen(actor, d.Chosen), Reasons: []reasonView{}}
		for _, why := range d.Reasons {
			w.Reasons = append(w.Reasons, reasonView{Kind: why.Kind, Text: ReasonText(p, why)})
		}
		v.Doubtful = append(v.Doubtful, w)
	}
	return v
}
