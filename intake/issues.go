package intake

import (
	"context"
	"fmt"
	"strings"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// SourceGitHub is where issues come from that were brought in.
const SourceGitHub = "github"

// Issue is an open GitHub issue that is brought in as a suggestion. Name is "acme/web#77".
type Issue struct {
	Title, Text, URL, ExternalID, Author, Name string
}

// PrepareIssue is Prepare for an issue that was there before: whoever wrote it is none of our
// people, so nobody waits for a reply. Secrets are masked, and alarm nobody: all who can read
// the repository have read them, maybe for years. What is too long is cut. Commit stores it.
// Needs auth.LinkIssue.
func (in *Intake) PrepareIssue(ctx context.Context, a auth.Actor, i Issue) (*Prepared, error) {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return nil, err
	}
	s := Submission{Title: shortened(oneLine(storable(i.Title)), MaxTitle), Text: shortened(storable(i.Text), MaxText), Source: SourceGitHub, ExternalID: i.ExternalID, SourceURL: i.URL,
		Context: map[string]any{"github_author": i.Author, "github_issue": i.Name}}
	if !strings.ContainsFunc(s.Text, visible) {
		s.Title, s.Text = "", s.Title
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("bring in an issue: %w", err)
	}
	p := &Prepared{}
	p.row, _, p.findings = in.row(a, s)
	if err := in.route(ctx, a, s, p); err != nil {
		return nil, fmt.Errorf("bring in an issue: %w", err)
	}
	p.match = in.themes.Meet(ctx, &p.row)
	return p, nil
}

// storable is a text without what no database keeps.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// shortened is a text of at most n characters, which says where it was cut.
func shortened(s string, n int) string {
	if short := cut(s, n-1); len(short) < len(s) {
		return short + "…"
	}
	return s
}

// isNobodys reports a suggestion that nobody waits for a reply to: it was brought in.
func isNobodys(s *models.Suggestion) bool { return s.FilerKind == models.ActorGitHub }
