package app

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/themes"
)

// Solved reads the link of a mail that asks whether what shipped solves it. NotFound
// link_unknown.
func (a *App) Solved(ctx context.Context, token string) (api.SolvedPage, error) {
	page, _, err := a.solved(ctx, token)
	return page, err
}

func (a *App) solved(ctx context.Context, token string) (page api.SolvedPage, asked notifier.Asked, err error) {
	if asked, err = a.Notifier.AskedSolved(ctx, token); err != nil {
		return page, asked, err
	}
	page.Person = asked.Person
	if page.Theme, page.Over, err = a.Themes.Shipping(ctx, asked.Theme, asked.Activity); err != nil {
		return page, asked, err
	}
	if page.Answer, err = a.Themes.Answered(ctx, page.Theme.ID, asked.Activity, asked.Person.PersonID); err != nil {
		return page, asked, err
	}
	return page, asked, a.endangered(ctx, &page)
}

// endangered adds whether what was answered is an emergency.
func (a *App) endangered(ctx context.Context, page *api.SolvedPage) (err error) {
	if page.Answer != nil {
		page.Danger, err = a.Intake.Endangered(ctx, page.Answer.SuggestionID)
	}
	return err
}

// Solve answers such a link, once. A no is a report that came back: words is what the
// person says, and instead what stands for it where they say nothing. Words beside a yes
// are kept for staff; where they are an emergency, they are a report of their own. The
// first answer stands; what is said after it is kept beside it.
func (a *App) Solve(ctx context.Context, token string, solved bool, words, instead string) (api.SolvedPage, error) {
	page, asked, err := a.solved(ctx, token)
	if err != nil {
		return page, err
	}
	if words = strings.TrimSpace(words); page.Answer == nil {
		again, err := a.answer(ctx, asked, &page, solved, words, instead)
		if err != nil || !again {
			return page, errors.Join(err, a.endangered(ctx, &page))
		}
	}
	return page, a.sayMore(ctx, asked.Person, &page, solved, words)
}

// answer keeps a first answer; again says that another was faster, and nothing was kept.
func (a *App) answer(ctx context.Context, asked notifier.Asked, page *api.SolvedPage, solved bool, words, instead string) (again bool, err error) {
	v := themes.Verdict{Solved: solved}
	prepared, err := a.prepareVerdict(ctx, asked.Person, page, &v, words, instead)
	if err != nil {
		return false, err
	}
	if prepared != nil {
		v.Report = func(ctx context.Context, _ *gorm.DB, _ *models.Theme) (*models.Suggestion, error) {
			f, err := a.Intake.Commit(ctx, asked.Person, prepared)
			return &f.Suggestion, err
		}
	}
	page.Answer, again, err = a.Themes.Answer(ctx, asked.Person, page.Theme.ID, asked.Activity, v)
	return again, err
}

// prepareVerdict fills in the words that are kept beside an answer, or prepares the
// report that they are, nil for none.
func (a *App) prepareVerdict(ctx context.Context, who auth.Actor, page *api.SolvedPage, v *themes.Verdict, words, instead string) (p *intake.Prepared, err error) {
	if !v.Solved {
		if p, err = a.Intake.PrepareReport(ctx, who, page.Theme, words, instead); err == nil {
			page.Found = p.Findings()
		}
		return p, err
	}
	n, err := a.Intake.PrepareNote(ctx, who, page.Theme, words)
	v.Words, v.Lang, page.Found = n.Words, n.Lang, n.Findings
	return n.Private, err
}

// sayMore keeps what is said after an answer. Who only sends the same form again is
// shown what they were shown.
func (a *App) sayMore(ctx context.Context, who auth.Actor, page *api.SolvedPage, solved bool, words string) error {
	page.Again = solved != page.Answer.Solved
	n, err := a.Intake.PrepareNote(ctx, who, page.Theme, words)
	if err != nil {
		return err
	}
	if words != "" && (n.Words == "" || n.Words != page.Answer.Words) {
		var said intake.Filed
		var p *intake.Prepared
		if page.Answer.SuggestionID == "" {
			if p, err = a.Intake.PrepareMore(ctx, who, page.Theme, words); err != nil {
				return err
			}
		}
		err = a.Themes.Add(ctx, who, page.Answer, func(ctx context.Context, filed string) (_ string, err error) {
			if filed != "" {
				said, err = a.Intake.SayMore(ctx, who, filed, words)
			} else {
				said, err = a.Intake.Commit(ctx, who, p)
			}
			return said.Suggestion.ID, err
		})
		if err != nil {
			return err
		}
		page.More, page.Found = !said.Again, said.Findings
		page.Again = page.Again || page.More
	}
	return a.endangered(ctx, page)
}

// Meant reads the link of a mail that told of things put together: the person's own
// suggestions, with where they stand. NotFound link_unknown.
func (a *App) Meant(ctx context.Context, token string) ([]themes.JoinedTheme, auth.Actor, error) {
	asked, err := a.Notifier.AskedMeant(ctx, token)
	if err != nil {
		return nil, asked.Person, err
	}
	joined, err := a.Themes.JoinedBy(ctx, asked.Person.PersonID, asked.Activity, asked.Suggestion)
	return joined, asked.Person, err
}

// NotMeant takes one of these suggestions out of its theme, with what the person says
// of it: it waits in the inbox again. It returns the suggestion with what was found in these
// words, and with the cause where they made it an emergency. Errors: NotFound link_unknown, suggestion_not_found.
func (a *App) NotMeant(ctx context.Context, token, suggestion, words string) (danger intake.Filed, err error) {
	joined, who, err := a.Meant(ctx, token)
	if err != nil {
		return danger, err
	}
	for _, j := range joined {
		if j.Suggestion.ID != suggestion {
			continue
		}
		var said intake.Written
		err = a.DB.Write(ctx, func(ctx context.Context, _ *gorm.DB) (err error) {
			if _, err := a.Themes.NotMeant(ctx, who, suggestion, j.Theme.ID); err != nil {
				return err
			}
			said, err = a.Intake.Answer(ctx, who, suggestion, models.MessageObjection, words)
			return err
		})
		if said.Message.Lang != "" { // what they wrote now is advised in its own language
			j.Suggestion.Lang = said.Message.Lang
		}
		return intake.Filed{Suggestion: j.Suggestion, Cause: said.Cause, Findings: said.Findings}, err
	}
	return danger, models.Fail(models.NotFound, "suggestion_not_found", suggestion)
}
