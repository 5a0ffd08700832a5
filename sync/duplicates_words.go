package issuesync

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/heedhq/heed/models"
)

// original is the issue of which another is said to be a duplicate, and where that was said.
type original struct {
	repository string // owner/name
	number     int
	said       string // an address
}

func (o *original) name() string { return fmt.Sprintf("%s#%d", o.repository, o.number) }

// duplicateOf are GitHub's own words for it: "Duplicate of #5", of owner/name#5, or of an issue's
// address. Anything may stand before them but a "not".
var duplicateOf = regexp.MustCompile(`(?i)(\bno(?:t|n)[ -](?:an? |really |exactly )*|n't (?:an? |really |exactly )*)?\bduplicate of:?\s+([^\s<>()\[\]]+)`)

var quoted = regexp.MustCompile(`(?m)^ {0,3}>.*$`)

// original reads what was said on an issue: the last word of somebody who belongs to the
// repository, else of anybody, for a person decides in the end. nil when nobody said it.
func (s *Sync) original(ctx context.Context, l *models.IssueLink, is issue) (*original, error) {
	anybody := s.named(l, is.body, is.url)
	var insider *original
	for path := issuePath(l) + "/comments?per_page=100"; path != ""; {
		p, err := s.api.remarks(ctx, path, "")
		if err != nil {
			return nil, err
		}
		for _, c := range p.remarks {
			if s.marked(c.body) != "" {
				continue // our own
			}
			of := s.named(l, c.body, c.url)
			if of == nil {
				continue
			}
			if anybody = of; c.inside {
				insider = of
			}
		}
		path = p.next
	}
	if insider != nil {
		return insider, nil
	}
	return anybody, nil
}

// named finds the last issue that a text names as the one it is a duplicate of, other than
// itself: not in code, in a quotation, or where nobody sees it.
func (s *Sync) named(l *models.IssueLink, text, where string) (of *original) {
	for _, m := range duplicateOf.FindAllStringSubmatch(quoted.ReplaceAllString(prose(text), " "), -1) {
		n, ok := s.naming(m[2])
		if m[1] != "" || !ok {
			continue
		}
		o := &original{repository: cmp.Or(n.repository, l.Repository), number: n.number, said: where}
		if !strings.EqualFold(o.repository, l.Repository) || o.number != l.Number {
			of = o
		}
	}
	return of
}

// isInside reports whether an author belongs to the repository, by GitHub's word for it.
func isInside(association string) bool {
	switch association {
	case "OWNER", "MEMBER", "COLLABORATOR":
		return true
	}
	return false
}
