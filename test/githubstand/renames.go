//go:build unix

package githubstand

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"time"
)

// rename is the event of an issue that emulate does not write: its title was changed.
type rename struct {
	by   json.RawMessage // the account, as GitHub shows it
	at   time.Time
	from string
	to   string
}

// planned is the milestone of an event, which emulate leaves out.
type planned struct {
	by, event, title string
}

var (
	oneIssue  = regexp.MustCompile(`^/repos/[^/]+/[^/]+/issues/\d+$`)
	itsEvents = regexp.MustCompile(`^(/repos/[^/]+/[^/]+/issues/\d+)/events$`)
)

// renaming carries out an edit of an issue and remembers a new title.
func (p *proxy) renaming(ctx context.Context, path, token string, edit func() (reply, error)) (reply, error) {
	var before, now Issue
	old, err := p.forward(ctx, http.MethodGet, path, token, nil, nil)
	if err != nil {
		return old, err
	}
	rep, err := edit()
	if err != nil || rep.status != http.StatusOK || json.Unmarshal(old.body, &before) != nil || json.Unmarshal(rep.body, &now) != nil || before.Title == now.Title && before.milestone() == now.milestone() {
		return rep, err
	}
	who, err := p.forward(ctx, http.MethodGet, "/user", token, nil, nil)
	if err != nil {
		return rep, nil //nolint:nilerr // the edit was carried out
	}
	var account Account
	if err := json.Unmarshal(who.body, &account); err != nil {
		return rep, nil //nolint:nilerr // the edit was carried out
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.renames == nil {
		p.renames, p.planned = map[string][]rename{}, map[string][]planned{}
	}
	if before.Title != now.Title {
		p.renames[path] = append(p.renames[path], rename{who.body, time.Now(), before.Title, now.Title})
	}
	for event, title := range map[string]string{"demilestoned": before.milestone(), "milestoned": now.milestone()} {
		if title != "" && before.milestone() != now.milestone() {
			p.planned[path] = append(p.planned[path], planned{account.Login, event, title})
		}
	}
	return rep, nil
}

// milestone is the title of an issue's, "" for none.
func (i Issue) milestone() string {
	if i.Milestone == nil {
		return ""
	}
	return i.Milestone.Title
}

// withMilestones says in an issue's events which milestone it was given and had taken away.
func (p *proxy) withMilestones(issue string, rep reply) reply {
	p.mu.Lock()
	left := slices.Clone(p.planned[issue])
	p.mu.Unlock()
	var all []map[string]any
	if len(left) == 0 || rep.status != http.StatusOK || json.Unmarshal(rep.body, &all) != nil {
		return rep
	}
	for _, e := range all {
		actor, _ := e["actor"].(map[string]any)
		i := slices.IndexFunc(left, func(m planned) bool { return m.event == e["event"] && actor != nil && m.by == actor["login"] })
		if i >= 0 {
			e["milestone"] = map[string]any{"title": left[i].title}
			left = slices.Delete(left, i, i+1)
		}
	}
	out := jsonReply(http.StatusOK, all)
	out.header = rep.header
	return out
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
