package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// SourceFollowUp is where a report comes from that answers a mail of ours.
const SourceFollowUp = "follow_up"

// PrepareReport is Prepare for what a person says of a theme that shipped and does not
// solve it for them: it waits in the inbox beside that theme. instead stands for it where
// they say nothing: those words are ours, and alarm nobody whatever the theme is called.
// Commit stores it.
func (in *Intake) PrepareReport(ctx context.Context, a auth.Actor, th *models.Theme, text, instead string) (*Prepared, error) {
	s := Submission{Text: text, Kind: string(models.KindProblem), Product: th.Product, Version: th.Version}
	if s.Text == "" {
		s.Text, s.ours = instead, true
	}
	return in.prepareFollowUp(ctx, a, th, s)
}

func (in *Intake) prepareFollowUp(ctx context.Context, a auth.Actor, th *models.Theme, s Submission) (*Prepared, error) {
	p, err := in.Prepare(ctx, a, s)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	p.row.Source = SourceFollowUp
	if p.cause == "" {
		p.match = themes.FollowUpOf(th)
	}
	return p, nil
}

// Note is what a person said beside an answer: the words without their secrets, to be
// kept with it, their language, and what was found; or, of an emergency, what Commit
// stores as a confidential suggestion in their place.
type Note struct {
	Words, Lang string
	Findings    []models.Finding
	Private     *Prepared // nil for no emergency
}

// PrepareNote is for what a person says beside the answer that it is solved. Errors:
// Invalid too_long.
func (in *Intake) PrepareNote(ctx context.Context, a auth.Actor, th *models.Theme, text string) (n Note, err error) {
	if err := clean("text", &text, MaxReply); err != nil || text == "" {
		return n, err
	}
	masked, found, why := in.danger(text, nil)
	if why == "" {
		if why, err = in.sameAlarm(in.db.Read(ctx), th.Product, saidAlone(masked)); err != nil {
			return n, err
		}
	}
	if n.Findings = found; why == "" {
		n.Words, n.Lang = masked, language(masked, text)
		return n, nil
	}
	n.Private, err = in.PrepareReport(ctx, a, th, text, "")
	return n, err
}

// PrepareMore is Prepare for what a person says after they answered, and where nothing
// was filed with the answer: a report of its own, which waits in the inbox beside the
// theme.
func (in *Intake) PrepareMore(ctx context.Context, a auth.Actor, th *models.Theme, text string) (*Prepared, error) {
	return in.prepareFollowUp(ctx, a, th, Submission{Text: text, Product: th.Product, Version: th.Version})
}

// SayMore keeps what a person says after an answer with which something was filed: in
// the thread of that, with the cause where these words made it an emergency. What they
// said there already is not kept twice: Again.
func (in *Intake) SayMore(ctx context.Context, a auth.Actor, filed, text string) (f Filed, err error) {
	t, err := in.Thread(ctx, a, filed)
	if err != nil {
		return f, err
	}
	f.Suggestion = t.Suggestion
	masked := in.redact.Clean(strings.TrimSpace(text))
	if masked == t.Suggestion.Text || slices.ContainsFunc(t.Messages, func(m models.Message) bool { return m.Author == models.AuthorPerson && m.Text == masked }) {
		f.Again = true
		return f, nil
	}
	said, err := in.Answer(ctx, a, filed, models.MessageReply, text)
	f.Cause, f.Findings, f.Suggestion.Lang = said.Cause, said.Findings, said.Message.Lang
	return f, err
}
