package issuesync

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/heedhq/heed/models"
)

// sweep reads all issues of a repository in the order they were made, which
// does not change under the reader's hands.
func (s *Sync) sweep(ctx context.Context, w watched) error {
	bot, err := s.api.bot(ctx)
	if err != nil {
		return err
	}
	known, err := s.known(ctx, w.RepositoryID)
	if err != nil {
		return err
	}
	unseen := maps.Clone(known)
	for path := at(w.RepositoryID, w.Repository) + "/issues?state=all&sort=created&direction=asc&per_page=100"; path != ""; {
		p, err := s.turn(ctx, path, s.api.list)
		if err != nil {
			return err
		}
		if err := s.applyAll(ctx, known, p.issues); err != nil {
			return err
		}
		for _, id := range p.ids {
			delete(unseen, id)
		}
		for _, is := range p.issues {
			if _, ours := known[is.id]; !ours && strings.EqualFold(is.author, bot) {
				if err := s.claim(ctx, is); err != nil {
					return err
				}
			}
		}
		if err := s.taken(ctx, p); err != nil {
			return err
		}
		path = p.next
	}
	for _, id := range slices.Sorted(maps.Values(unseen)) { // moved or deleted: each pull finds out
		if err := s.queue.Enqueue(ctx, PullJob, id, "", s.db.Now()); err != nil {
			return err
		}
	}
	return nil
}

// claim looks at an issue of our account that no link knows: the answer to its
// creation was lost, or it is one too many.
func (s *Sync) claim(ctx context.Context, is issue) error {
	id := s.marked(is.body)
	if id == "" {
		return nil
	}
	l, err := s.link(ctx, id)
	if err != nil || l == nil {
		return err // unlinked since: the issue is the team's own now
	}
	switch {
	case l.IssueID != 0:
		slog.Error("github: an issue too many", "link", id, "first", l.URL, "second", is.url)
	case l.State == models.LinkUncertain, l.State == models.LinkCreating, l.SentAt != nil:
		return s.adopt(ctx, id, is)
	}
	return nil
}
