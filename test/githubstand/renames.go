//go:build unix

package githubstand

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"time"
)

// rename is the event of an issue that emulate does not write: its title was changed.
type rename struct {
	by   json.RawMessage // the account, as GitHub shows it
	at   time.Time
	from string
	to   string
}

var (
	oneIssue  = regexp.MustCompile(`^/repos/[^/]+/[^/]+/issues/\d+$`)
	itsEvents = regexp.MustCompile(`^(/repos/[^/]+/[^/]+/issues/\d+)/events$`)
)

// renaming carries out an edit of an issue and remembers a new title.
func (p *proxy) renaming(ctx context.Context, path, token string, edit func() (reply, error)) (reply, error) {
	var before, now struct{ Title string }
	old, err := p.forward(ctx, http.MethodGet, path, token, nil, nil)
	if err != nil {
		return old, err
	}
	rep, err := edit()
	if err != nil || rep.status != http.StatusOK || json.Unmarshal(old.body, &before) != nil || json.Unmarshal(rep.body, &now) != nil || before == now {
		return rep, err
	}
	who, err := p.forward(ctx, http.MethodGet, "/user", token, nil, nil)
	if err != nil {
		return rep, nil //nolint:nilerr // the edit was carried out
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.renames == nil {
		p.renames = map[string][]rename{}
	}
	p.renames[path] = append(p.renames[path], rename{who.body, time.Now(), before.Title, now.Title})
	return rep, nil
}

// withRenames adds those of an issue to the last page of its events.
func (p *proxy) withRenames(issue string, rep reply) reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []any
	if len(p.renames[issue]) == 0 || rep.status != http.StatusOK || rep.header.Get("Link") != "" || json.Unmarshal(rep.body, &all) != nil {
		return rep
	}
	for i, r := range p.renames[issue] {
		all = append(all, map[string]any{"id": 900_000_000 + i, "event": "renamed", "actor": r.by, "created_at": stamp(r.at), "rename": map[string]string{"from": r.from, "to": r.to}})
	}
	return jsonReply(http.StatusOK, all)
}
