package issuesync

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// lookBack is how long before the request a look begins, for clocks that differ.
const lookBack = 2 * time.Minute

// probe looks for the issue of an uncertain link. Only when the last look has
// found nothing is the issue asked for again (send looks once more before).
func (s *Sync) probe(ctx context.Context, l *models.IssueLink) error {
	found, err := s.look(ctx, l)
	if err != nil {
		return s.stuck(ctx, l, err)
	}
	if found != nil {
		return s.adopt(ctx, l.ID, *found)
	}
	now := s.db.Now()
	n := l.Probes + 1
	if n >= len(s.opts.Pace.Probes) {
		if _, err := s.move(ctx, l, map[string]any{"state": models.LinkWanted, "probes": 0, "not_before": nil}); err != nil {
			return err
		}
		return jobs.Later{At: now}
	}
	at := now.Add(s.opts.Pace.probeGap(n))
	if _, err := s.move(ctx, l, map[string]any{"probes": n, "not_before": at}); err != nil {
		return err
	}
	return jobs.Later{At: at}
}

// stuck settles a look that failed: the link stays uncertain and the look does
// not count.
func (s *Sync) stuck(ctx context.Context, l *models.IssueLink, err error) error {
	t := asTrouble(err)
	if t == nil {
		return err
	}
	at := s.db.Now().Add(s.opts.Pace.Refused)
	to := map[string]any{"last_error": noteOf(t)}
	if t.end == limited {
		at = t.until
		to["not_before"] = at
	}
	if _, werr := s.move(ctx, l, to); werr != nil {
		return werr
	}
	if t.end == unsent || t.end == lost {
		return t
	}
	return jobs.Later{At: at}
}

// look lists what our account opened since the first request and finds the
// issue that carries the link's marker; nil for none. GitHub's search would
// lag behind. Of several the first counts. A request that left under the account of
// another connection is looked for under that one too.
func (s *Sync) look(ctx context.Context, l *models.IssueLink) (*issue, error) {
	bot, err := s.api.bot(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.lookUnder(ctx, l, bot)
	if err != nil || found != nil || l.SentAs == "" || strings.EqualFold(l.SentAs, bot) {
		return found, err
	}
	found, err = s.lookUnder(ctx, l, l.SentAs)
	if t := asTrouble(err); t != nil && t.status == http.StatusUnprocessableEntity { // there is no such account any more
		return nil, nil
	}
	return found, err
}

func (s *Sync) lookUnder(ctx context.Context, l *models.IssueLink, bot string) (*issue, error) {
	since := l.CreatedAt
	if l.SentAt != nil {
		since = *l.SentAt
	}
	q := url.Values{"creator": {bot}, "state": {"all"}, "sort": {"created"}, "direction": {"asc"}, "per_page": {"100"},
		"since": {stamp(s.api.via.onGitHub(since).Add(-lookBack))}}
	for path := at(l.RepositoryID, l.Repository) + "/issues?" + q.Encode(); path != ""; {
		p, err := s.api.list(ctx, path, "")
		if err != nil {
			return nil, err
		}
		for i := range p.issues {
			if strings.EqualFold(p.issues[i].author, bot) && s.marked(p.issues[i].body) == l.ID {
				return &p.issues[i], nil
			}
		}
		path = p.next
	}
	return nil, nil
}

// stamp is a time as GitHub takes it: whole seconds.
func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }
