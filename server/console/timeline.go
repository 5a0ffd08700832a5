package console

import (
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// readTimeline tells what happened to the theme, newest first.
func (c *Console) readTimeline(ec echo.Context, th *models.Theme, d *ui.Theme) error {
	actor := actorOf(ec)
	acts, err := c.s.Themes.Story(contextOf(ec), actor, th.ID, pageRows)
	if err != nil {
		return err
	}
	var ids, elsewhere []string
	for i := range acts {
		if acts[i].ThemeID != th.ID {
			elsewhere = append(elsewhere, acts[i].ThemeID)
		}
		if acts[i].Verb == models.ThemeStatus {
			ids = append(ids, acts[i].ID)
		}
	}
	held, err := c.s.Notifier.Recallable(contextOf(ec), actor, ids)
	if err != nil {
		return err
	}
	names, err := c.s.Themes.Names(contextOf(ec), actor, elsewhere)
	if err != nil {
		return err
	}
	newestFact := true // only the last change of facts can be taken back: later ones stand on it
	for i := range acts {
		act := &acts[i]
		ch, err := act.Change()
		if err != nil {
			return err
		}
		e := ui.TimelineEntry{ID: act.ID, At: act.CreatedAt, Actor: act.ActorName, System: act.ActorKind == models.ActorSystem || act.ActorKind == models.ActorGitHub,
			Text: sentence(c.Printer(ec), act, ch), Undone: act.UndoneBy != ""}
		if act.Verb == models.ThemeStatus && ch.After != nil {
			e.Detail, e.DetailLang = ch.After.Reason.In(actor.Locale)
		}
		if act.Verb == models.ThemeUpdated && ch.Text != nil {
			e.Detail, e.DetailLang = ch.Text.In(actor.Locale)
		}
		if act.Verb == models.SuggestionAttached {
			e.Detail = whyJoined(c.Printer(ec), ch.Reasons)
		}
		if act.Verb != models.ThemeMerged { // which names it itself
			e.Where = names[act.ThemeID]
		}
		e.Event, e.Held = held[act.ID].Event, held[act.ID].People
		facts := ch.Before != nil && ch.After != nil
		e.CanUndo = !e.Undone && undoable(act, ch) && (!facts || newestFact) && mayUndo(actor, act) && c.now().Sub(act.CreatedAt) < themes.UndoWindow
		newestFact = newestFact && (!facts || e.System && (act.Verb == models.ThemePromise || act.Verb == models.ThemePromiseCame))
		d.Timeline = append(d.Timeline, e)
	}
	return nil
}

func undoable(act *models.Activity, ch models.Change) bool {
	verb := act.Verb
	if verb == models.ActivityUndone {
		verb = ch.UndoneVerb
	}
	switch verb {
	case models.ThemeStatus, models.ThemeConfirmed, models.ThemeEdited, models.ThemePromise, models.SuggestionAssigned, models.SuggestionAttached, models.ThemeMerged, models.ThemeSplit, models.DismissedProposal, models.FollowUpTold,
		models.ThemeUpdated, models.CommentSettled:
		return true
	case models.DecisionMade:
		return ch.Decided != nil
	}
	return false
}

func mayUndo(a auth.Actor, act *models.Activity) bool {
	if act.Verb == models.ThemeStatus && auth.Can(a, auth.Announce) != nil {
		return false
	}
	return auth.Can(a, auth.Triage) == nil
}

// sentence says what happened, without who did it.
func sentence(p *i18n.Printer, act *models.Activity, ch models.Change) string {
	switch act.Verb {
	case models.ThemeCreated:
		return p.T("timeline.created")
	case models.ThemeConfirmed:
		return p.T("timeline.confirmed")
	case models.ThemeEdited:
		return edited(p, ch)
	case models.ThemeStatus:
		return statusSentence(p, ch)
	case models.ThemePromise, models.ThemePromiseCame, models.ThemePromiseMissed:
		return promiseSentence(p, act, ch)
	case models.ThemeMerged:
		return p.T("timeline.merged", ch.Suggestions, ch.Title)
	case models.ThemeSplit:
		return p.T("timeline.split", ch.Suggestions, ch.Title)
	case models.ThemeReady:
		return p.T("timeline.ready")
	case models.ThemeWantsReason:
		return p.T("timeline.wants_reason")
	case models.SuggestionAssigned:
		return p.T("timeline.assigned", max(ch.Suggestions, 1))
	case models.SuggestionAttached:
		return p.T("timeline.attached")
	case models.DecisionMade:
		if ch.Same != nil && !*ch.Same {
			return p.T("timeline.different")
		}
		return p.T("timeline.same")
	case models.VoteAdded:
		return p.T("timeline.vote_added")
	case models.VoteRemoved:
		return p.T("timeline.vote_removed")
	case models.IssueWanted:
		return p.T("timeline.issue_wanted")
	case models.IssueLinked:
		return p.T("timeline.issue_linked")
	case models.IssueChanged:
		return p.T("timeline.issue_changed")
	case models.IssueUnlinked:
		return p.T("timeline.issue_unlinked")
	case models.DismissedProposal:
		return dismissal(p, ch)
	case models.FollowUpTold:
		return p.T("timeline.told_by_hand")
	case models.ThemeUpdated, models.CommentAdded, models.CommentSettled, models.SolvedAnswered:
		return toldSentence(p, act, ch)
	case models.FollowUpRecalled:
		return p.T("timeline.recalled")
	case models.ActivityUndone:
		switch {
		case ch.Again:
			return p.T("timeline.redid")
		case len(ch.StayOut) > 0:
			return p.T("timeline.undid.but", len(ch.StayOut))
		}
		return p.T("timeline.undid")
	}
	return p.T("timeline.other")
}

func toldSentence(p *i18n.Printer, act *models.Activity, ch models.Change) string {
	switch {
	case act.Verb == models.ThemeUpdated:
		return p.T("timeline.updated")
	case act.Verb == models.CommentAdded:
		return p.T("timeline.comment")
	case act.Verb == models.CommentSettled && ch.Comment != nil && ch.Comment.To == models.CommentVisible:
		return p.T("timeline.comment.shown")
	case act.Verb == models.CommentSettled:
		return p.T("timeline.comment.removed")
	case ch.Solved != nil && *ch.Solved:
		return p.T("timeline.solved.yes")
	}
	return p.T("timeline.solved.no")
}

func dismissal(p *i18n.Printer, ch models.Change) string {
	switch models.ProposalKind(ch.Action) {
	case models.ProposeMerge:
		return p.T("timeline.not_same", ch.Title)
	case models.ProposeSplit:
		return p.T("timeline.not_two")
	}
	return p.T("timeline.stays")
}

func edited(p *i18n.Printer, ch models.Change) string {
	switch {
	case ch.Before != nil && ch.After != nil && onlyTarget(*ch.Before, *ch.After):
		if ch.After.Target == "" {
			return p.T("timeline.target.none")
		}
		return p.T("timeline.target", ch.After.Target)
	case ch.Before == nil || ch.After == nil || ch.Before.Public == ch.After.Public:
		return p.T("timeline.edited")
	case ch.After.Public:
		return p.T("timeline.published")
	}
	return p.T("timeline.withdrawn")
}

// onlyTarget reports whether what a theme is planned for is all that changed.
func onlyTarget(before, after models.ThemeFacts) bool {
	changed := before.Target != after.Target
	before.Target = after.Target
	return changed && before.Same(after)
}

func statusSentence(p *i18n.Printer, ch models.Change) string {
	if ch.After == nil {
		return p.T("timeline.other")
	}
	word := p.T("status." + string(ch.After.Status))
	switch {
	case ch.Undoes != "":
		return p.T("timeline.status_back", word)
	case !ch.Notify:
		return p.T("timeline.status_silent", word)
	}
	return p.T("timeline.status", word)
}

func promiseSentence(p *i18n.Printer, act *models.Activity, ch models.Change) string {
	switch {
	case act.Verb == models.ThemePromiseCame && act.ActorKind == models.ActorSystem:
		return p.T("timeline.promise_came")
	case act.Verb == models.ThemePromiseMissed:
		return p.T("timeline.promise_overdue")
	case act.Verb == models.ThemePromiseCame:
		return p.T("timeline.promise_sent")
	case ch.After == nil || ch.After.PromiseDate == nil:
		return p.T("timeline.promise.none")
	case ch.Before != nil && ch.Before.DecideAt == nil && ch.After.DecideAt != nil:
		return p.T("timeline.promise_decide")
	}
	return p.T("timeline.promise", p.Date(*ch.After.PromiseDate))
}

// whyJoined says why a suggestion joined by itself.
func whyJoined(p *i18n.Printer, reasons []models.Reason) string {
	out := []string{}
	for _, r := range reasons {
		if r.Kind == models.ReasonExact {
			out = append(out, p.T("timeline.attached.exact"))
			continue
		}
		out = append(out, api.ReasonText(p, r))
	}
	return strings.Join(out, " · ")
}
