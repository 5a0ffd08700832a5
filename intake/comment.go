package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// SourceComment is where an emergency comes from that somebody wrote as a comment.
const SourceComment = "comment"

// Comment is a comment to be made. Person, where it is not nil, is for whom an
// integration or a member speaks; ByPerson says that a member speaks for themselves
// and not for the team. ReplyTo is the comment that it answers.
type Comment struct {
	Text     string
	Person   *PersonInput
	ByPerson bool
	ReplyTo  string
}

// Commented is what became of a comment: either one below its theme, or, of an
// emergency, the confidential suggestion that was filed in its place, and nothing that
// anybody else can read. Doubtful says that it waits since something in it reads like a
// recovery phrase with a slip.
type Commented struct {
	Comment  *models.Comment // nil for an emergency
	Filed    Filed
	Findings []models.Finding
	Doubtful bool
}

// PreparedComment is a comment that was searched for secrets.
type PreparedComment struct {
	theme    string
	comment  Comment
	private  *Prepared // of an emergency, nil for none
	findings []models.Finding
}

// Comment says something below a theme: PrepareComment, then CommitComment.
func (in *Intake) Comment(ctx context.Context, a auth.Actor, theme string, c Comment) (Commented, error) {
	p, err := in.PrepareComment(ctx, a, theme, c)
	if err != nil {
		return Commented{}, err
	}
	return in.CommitComment(ctx, a, p)
}

// PrepareComment searches a comment and stores nothing. Errors: NotFound
// theme_not_found; Unauthenticated sign_in_first; those of the person.
func (in *Intake) PrepareComment(ctx context.Context, a auth.Actor, theme string, c Comment) (*PreparedComment, error) {
	if err := auth.Can(a, auth.Vote); err != nil {
		return nil, err
	}
	th, err := in.themes.Get(ctx, a, theme)
	if err != nil {
		return nil, err
	}
	p := &PreparedComment{theme: theme, comment: c}
	if a.Kind == models.ActorMember && c.Person == nil && !c.ByPerson { // for the team, who are refused and not alarmed
		return p, nil
	}
	masked, found, why := in.danger(c.Text, c.Person)
	if p.findings = found; why == "" {
		if why, err = in.sameAlarm(in.db.Read(ctx), th.Product, saidAlone(masked)); err != nil || why == "" {
			return p, err
		}
	}
	p.private, err = in.Prepare(ctx, a, Submission{Text: c.Text, Product: th.Product, Person: c.Person, Context: map[string]any{"comment_on": th.ID}})
	if err != nil {
		return nil, fmt.Errorf("comment: %w", err)
	}
	p.private.row.Source = SourceComment
	p.private.cause = cmp.Or(p.private.cause, why)
	return p, nil
}

// CommitComment stores a comment; see themes.Comment for its errors. An emergency
// becomes a suggestion that is confidential for ever, with all that follows from one.
func (in *Intake) CommitComment(ctx context.Context, a auth.Actor, p *PreparedComment) (Commented, error) {
	if p.private != nil {
		f, err := in.Commit(ctx, a, p.private)
		return Commented{Filed: f, Findings: f.Findings}, err
	}
	out := Commented{Findings: p.findings, Doubtful: slices.ContainsFunc(p.findings, func(f models.Finding) bool { return f.Kind == models.FindingWarning })}
	n := themes.NewComment{Text: p.comment.Text, ReplyTo: p.comment.ReplyTo, Doubtful: out.Doubtful}
	var err error
	switch {
	case p.comment.Person != nil:
		if n.Person, err = in.Person(ctx, a, *p.comment.Person); err != nil {
			return out, err
		}
	case p.comment.ByPerson:
		n.Person = a.PersonID
	}
	out.Comment, err = in.themes.Comment(ctx, a, p.theme, n)
	return out, err
}
