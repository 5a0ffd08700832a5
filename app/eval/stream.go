package eval

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/app/config"
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// night is after how many texts the nightly look for proposals is taken.
const night = 500

// Stream sends every text of a file, in its order, through the door of a Heed of
// its own on a temporary database, as somebody triages who believes all that
// they are told: what is proposed is accepted, by day where a new suggestion
// belongs, by night which themes are one, or two. It writes where each
// suggestion stands at the end, and what Heed did when it came.
func Stream(ctx context.Context, o Options) (err error) {
	texts, err := read[text](o.In)
	if err != nil {
		return err
	}
	s, err := newStream(ctx, auth.System(), config.Default().Dedup.Attach)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	progress := o.Progress("filing")
	filed := make([]models.Suggestion, len(texts))
	for i, t := range texts {
		if filed[i], err = s.file(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", t.ID, err)
		}
		if (i+1)%night == 0 || i+1 == len(texts) {
			if err := s.night(ctx); err != nil {
				return fmt.Errorf("night: %w", err)
			}
		}
		progress(i+1, len(texts))
	}
	where := make([]string, len(texts))
	for i := range filed {
		if where[i], err = s.stands(ctx, filed[i].ID); err != nil {
			return err
		}
	}
	return write(o.Out, len(texts), func(i int) any {
		return struct {
			ID      string `json:"id"`
			Cluster string `json:"cluster"`
			Action  string `json:"action"`
		}{texts[i].ID, where[i], action(filed[i].Action)}
	})
}

// action is what was done, in the words of the file.
func action(done string) string {
	switch done {
	case models.ActionAttached:
		return "attach"
	case models.ActionSuggested:
		return "suggest"
	}
	return "new"
}

// stream is a Heed without doors, and who triages it.
type stream struct {
	dir   string
	app   *app.App
	actor auth.Actor
	stop  context.CancelFunc
	ended chan struct{}
}

func newStream(ctx context.Context, who auth.Actor, attach config.Attach) (*stream, error) {
	dir, err := os.MkdirTemp("", "heed-eval-")
	if err != nil {
		return nil, err
	}
	s := &stream{dir: dir, actor: who, stop: func() {}, ended: make(chan struct{})}
	c := config.Default()
	c.Database.URL, c.Secrets.KeyFile = "sqlite:"+filepath.Join(dir, "heed.db"), filepath.Join(dir, "heed.key")
	c.Mail.SMTPURL, c.Dedup.Attach = "", attach
	if s.app, err = app.New(ctx, c, app.Options{}); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	run, stop := context.WithCancel(ctx)
	s.stop = stop
	go func() { defer close(s.ended); s.app.Themes.Run(run) }()
	for s.app.Themes.Warming() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stream) close() error {
	s.stop()
	<-s.ended
	return errors.Join(s.app.Close(), os.RemoveAll(s.dir))
}

// submission is a text as somebody would send it.
func (t text) submission() (sub intake.Submission) {
	sub.Title, sub.Text = t.parts()
	if len([]rune(sub.Title)) > intake.MaxTitle {
		sub.Title = string([]rune(sub.Title)[:intake.MaxTitle])
	}
	return sub
}

// file sends a text through the door and puts it where Heed thinks it belongs.
func (s *stream) file(ctx context.Context, t text) (models.Suggestion, error) {
	f, err := s.app.Intake.File(ctx, s.actor, t.submission())
	if err != nil || f.Theme != nil || f.Suggestion.LikelyTheme == "" {
		return f.Suggestion, err
	}
	as := themes.Assignment{Theme: f.Suggestion.LikelyTheme}
	if !likely(f.Suggestion) { // several are shown, of which none is likely by itself
		as = themes.Assignment{NewTitle: themes.Headline(t.Text, 80)}
	}
	_, _, err = s.app.Themes.Assign(ctx, s.actor, []string{f.Suggestion.ID}, as)
	return f.Suggestion, err
}

// likely reports whether a suggestion's likely theme is one that would be proposed
// were it the only one.
func likely(s models.Suggestion) bool {
	return slices.ContainsFunc(s.Candidates.V, func(c models.Candidate) bool { return c.Theme == s.LikelyTheme && c.Score >= dedup.SuggestAt })
}

// night looks for proposals and accepts them.
func (s *stream) night(ctx context.Context) error {
	for state, wait := "", time.Duration(0); ; {
		var err error
		if state, wait, err = s.app.Themes.Look(ctx, state); err != nil {
			return err
		}
		if state == "" {
			break
		}
		for s.app.Themes.Encoding() > 0 && ctx.Err() == nil { // the night is not to look at words alone
			time.Sleep(10 * time.Millisecond)
		}
		if s.app.Themes.Warming() {
			time.Sleep(wait)
		}
	}
	for {
		open, _, err := s.app.Themes.Proposals(ctx, s.actor, "", "", themes.MaxPage)
		if err != nil || len(open) == 0 {
			return err
		}
		accepted := 0
		for _, p := range open {
			_, _, err := s.app.Themes.AcceptProposal(ctx, s.actor, p.ID, "")
			switch {
			case err == nil:
				accepted++
			case models.KindOf(err) == "": // one accepted before may have made another void
				return err
			}
		}
		if accepted == 0 {
			return nil
		}
	}
}

// stands is the theme a suggestion is in, or a name of its own.
func (s *stream) stands(ctx context.Context, id string) (string, error) {
	ths, err := s.app.Themes.Of(ctx, id)
	if err != nil || len(ths) == 0 {
		return "alone: " + id, err
	}
	return ths[0].ID, nil
}
