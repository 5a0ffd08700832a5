package webhooks

import (
	"slices"

	"github.com/heedhq/heed/models"
)

// Type is the public name of what happened; it never changes its meaning.
type Type string

// The types that endpoints may ask for.
const (
	SuggestionFiled         Type = "suggestion.filed"
	SuggestionStateChanged  Type = "suggestion.state_changed"
	SuggestionReplied       Type = "suggestion.replied"
	SuggestionPersonReplied Type = "suggestion.person_replied"
	SuggestionOutcome       Type = "suggestion.outcome"
	ThemeCreated            Type = "theme.created"
	ThemeConfirmed          Type = "theme.confirmed"
	ThemeStatusChanged      Type = "theme.status_changed"
	ThemeShipped            Type = "theme.shipped"
	ThemeMerged             Type = "theme.merged"
	ThemeReady              Type = "theme.ready"
	PromiseOverdue          Type = "promise.overdue"
	EmergencyOpened         Type = "emergency.opened"
	EmergencyAlerted        Type = "emergency.alerted"
	EmergencyAcknowledged   Type = "emergency.acknowledged"
	FirstReplyWarned        Type = "first_reply.warned"
	FirstReplyOverdue       Type = "first_reply.overdue"
)

// Types that are not asked for: what a channel's endpoint says to a person, and the
// test that a member sends.
const (
	FollowUpMessage Type = "follow_up.message"
	Test            Type = "webhook.test"
)

// Types lists what an endpoint may ask for.
func Types() []Type {
	return []Type{
		SuggestionFiled, SuggestionStateChanged, SuggestionReplied, SuggestionPersonReplied, SuggestionOutcome,
		ThemeCreated, ThemeConfirmed, ThemeStatusChanged, ThemeShipped, ThemeMerged, ThemeReady, PromiseOverdue,
		EmergencyOpened, EmergencyAlerted, EmergencyAcknowledged, FirstReplyWarned, FirstReplyOverdue,
	}
}

// Kinds lists what may stand at the other end.
func Kinds() []string {
	return []string{models.WebhookStandard, models.WebhookSlack, models.WebhookFeishu, models.WebhookWeCom, models.WebhookDingTalk}
}

// typesOf says as what an activity is told; outcomes are told by a fan-out of their
// own.
func typesOf(act *models.Activity, c models.Change) []Type {
	switch act.Verb {
	case models.SuggestionFiled:
		return []Type{SuggestionFiled}
	case models.SuggestionStepped, models.SuggestionClosed:
		return []Type{SuggestionStateChanged}
	case models.ActivityUndone:
		if c.UndoneVerb == models.SuggestionStepped || c.UndoneVerb == models.SuggestionClosed {
			return []Type{SuggestionStateChanged}
		}
	case models.SuggestionReplied:
		return []Type{SuggestionReplied}
	case models.PersonReplied:
		return []Type{SuggestionPersonReplied}
	case models.ThemeCreated:
		return []Type{ThemeCreated}
	case models.ThemeConfirmed:
		return []Type{ThemeConfirmed}
	case models.ThemeStatus:
		if ships(c) {
			return []Type{ThemeStatusChanged, ThemeShipped}
		}
		return []Type{ThemeStatusChanged}
	case models.ThemeMerged:
		return []Type{ThemeMerged}
	case models.ThemeReady:
		return []Type{ThemeReady}
	case models.ThemePromiseMissed:
		return []Type{PromiseOverdue}
	case models.EmergencyOpened:
		return []Type{EmergencyOpened}
	case models.EmergencyAlerted:
		return []Type{EmergencyAlerted}
	case models.EmergencyAnswered:
		return []Type{EmergencyAcknowledged}
	case models.ClockWarned:
		return []Type{FirstReplyWarned}
	case models.ClockBreached:
		return []Type{FirstReplyOverdue}
	}
	return nil
}

func ships(c models.Change) bool {
	return c.After != nil && c.After.Status == models.StatusShipped && (c.Before == nil || c.Before.Status != models.StatusShipped)
}

func wants(e *models.WebhookEndpoint, t Type) bool { return slices.Contains(e.Events.V, string(t)) }
