//go:build unix

package e2e

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// SeedVariable repeats the kills of a run: the seed is printed by each.
const SeedVariable = "HEED_TEST_SEED"

// smtpConnections is mail.connections of these tests, its default.
const smtpConnections = 2

// The loop again, while the process is killed with -9 twenty times: nothing that was
// answered is lost, nothing is done twice, every person is told.
func TestTheLoopKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv(SeedVariable); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("%s: %v", SeedVariable, err)
		}
	}
	eachDatabase(t, func(t *testing.T, database string) {
		t.Logf("%s=%d repeats these kills", SeedVariable, seed)
		c := &chaos{house: open(t, database, nil), rand: rand.New(rand.NewPCG(seed, 1))}
		if err := c.sink.LogTo(filepath.Join(t.TempDir(), "mails")); err != nil {
			t.Fatal(err)
		}
		s := newStory(t)
		began := time.Now()
		tries := &atomic.Int64{}
		c.tellKilled(s, tries)
		ends := c.decideKilled(s, tries)
		c.mailKilled(ends)
		t.Logf("%d kills in %s: %s", len(c.kills), time.Since(began).Round(time.Second), c.where())
		c.judge(t, s, ends, tries)
	})
}

// ending is how a topic's theme ends, and what its people are told.
type ending struct {
	*topic
	status   string
	reason   bilingual
	byGitHub bool
}

// tellKilled plays the story's first part: 11 kills.
func (c *chaos) tellKilled(s *story, tries *atomic.Int64) {
	c.t.Helper()
	const hands = 4
	stage := func(what string, kills, whole int, work func(poster) error) {
		answered := &atomic.Int64{}
		post := counting(c.stubborn(tries), answered)
		c.during(what, kills, whole, func() int { return int(answered.Load()) }, func() error { return work(post) })
	}
	all := len(s.said())
	stage("posting", 5, all, func(post poster) error { return together(hands, s.said(), func(x *said) error { return x.file(post) }) })
	stage("making themes", 1, topicCount, func(post poster) error {
		return together(hands, s.topics, func(tp *topic) error { return tp.make(post) })
	})
	stage("assigning", 4, all, func(post poster) error {
		return together(hands, s.said(), func(x *said) error { return x.assign(post) })
	})
	stage("confirming", 1, 2*topicCount, func(post poster) error {
		return together(hands, s.topics, func(tp *topic) error {
			if err := tp.confirm(post); err != nil {
				return err
			}
			return tp.follow(post)
		})
	})
}

// decideKilled links three themes to issues (3 kills), has them closed on GitHub,
// and ships or declines six others (2 kills). The mail server is slow meanwhile, so
// that most of the mailing is still to come.
func (c *chaos) decideKilled(s *story, tries *atomic.Int64) []ending {
	c.t.Helper()
	reason := bilingual{"It would make the wallet less safe for everybody.", "这样会让所有人的钱包变得不安全。"}
	var ends []ending
	for i, tp := range s.topics[:9] {
		e := ending{topic: tp, status: "shipped", byGitHub: i < 3}
		if i >= 6 {
			e.status, e.reason = "declined", reason
		}
		ends = append(ends, e)
	}
	post := c.stubborn(tries)
	issues := func() int { return len(c.stand.Writes()) }
	c.during("creating issues", 3, 3, issues, func() error {
		if err := together(2, ends[:3], func(e ending) error { return e.link(post) }); err != nil {
			return err
		}
		for end := time.Now().Add(20 * time.Second); issues() < 3 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		return nil
	})
	c.sink.Stall(60 * time.Millisecond)
	for _, e := range ends[:3] {
		is := c.linked(e.topic, true)
		if _, err := c.stand.CloseIssue(c.t.Context(), repository, is.Number, "completed"); err != nil {
			c.t.Fatal(err)
		}
	}
	answered := &atomic.Int64{}
	post = counting(post, answered)
	c.during("giving statuses", 2, 6, func() int { return int(answered.Load()) }, func() error {
		return together(2, ends[3:], func(e ending) error { return e.give(post, e.status, e.reason) })
	})
	return ends
}

// mailKilled waits for every mail: 4 kills on the way.
func (c *chaos) mailKilled(ends []ending) {
	c.t.Helper()
	whole := 0
	for _, e := range ends {
		whole += len(e.people())
	}
	told := func() int { return c.told(ends) }
	c.during("mailing", 4, whole, told, func() error {
		for end := time.Now().Add(90 * time.Second); told() < whole && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
		return nil // what is missing is the judge's business
	})
	c.sink.Stall(0)
	time.Sleep(3 * time.Second) // doubles, if any, come now
}

// told counts the pairs of person and theme that a mail has reached.
func (c *chaos) told(ends []ending) int {
	n := 0
	for _, ids := range c.heard(ends) {
		if len(ids) > 0 {
			n++
		}
	}
	return n
}

type pair struct{ address, theme string }

// heard maps each person and theme to the ids of the mails about it, each with how
// often it came.
func (c *chaos) heard(ends []ending) map[pair]map[string]int {
	byTitle := map[string]ending{}
	for _, e := range ends {
		byTitle[e.title.EN], byTitle[e.title.ZH] = e, e
	}
	heard := map[pair]map[string]int{}
	for _, m := range c.sink.Mails() {
		mail, err := m.Parse()
		if err != nil {
			continue // the judge reads every mail and says so
		}
		for title, e := range byTitle {
			if !strings.Contains(joined(mail.Text), title) {
				continue
			}
			k := pair{m.To, e.theme}
			if heard[k] == nil {
				heard[k] = map[string]int{}
			}
			heard[k][mail.Header.Get("Message-Id")]++
		}
	}
	return heard
}

// judge compares what the store, GitHub and the mail server have with the story.
func (c *chaos) judge(t *testing.T, s *story, ends []ending, tries *atomic.Int64) {
	t.Helper()
	c.holds(t, s)
	for _, e := range ends {
		if got := c.status(e.theme); got != e.status {
			t.Errorf("theme %s is %s, want %s", e.title.EN, got, e.status)
		}
	}
	c.noDecisionTwice(t)
	issues, err := c.stand.ListIssues(t.Context(), repository)
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]int{}
	for _, is := range issues {
		titles[is.Title]++
	}
	for _, e := range ends[:3] {
		if titles[e.title.EN] != 1 {
			t.Errorf("theme %s has %d issues on GitHub, want exactly one", e.title.EN, titles[e.title.EN])
		}
	}
	stored := map[string]int{}
	for _, f := range c.everySuggestion("") {
		stored[f.mark()]++
	}
	missing, twice := 0, 0
	for _, x := range s.said() {
		missing += max(0, 1-stored[x.mark()])
		twice += max(0, stored[x.mark()]-1)
	}
	lost, doubled := c.judgeMails(t, ends)
	t.Logf("kills %d, requests %d; suggestions %d, lost %d, doubled %d; mails %d, lost %d, doubled %d (at most %d a kill); issues on GitHub %d, want 3",
		len(c.kills), tries.Load(), len(s.said()), missing, twice, len(c.sink.Mails()), lost, doubled, smtpConnections, len(issues))
	if len(issues) != 3 {
		t.Errorf("%d issues on GitHub, want 3", len(issues))
	}
	if len(c.kills) != 20 {
		t.Errorf("%d kills, want 20", len(c.kills))
	}
	c.Stop()
	c.sound()
}

// judgeMails counts who was not told and what came twice.
func (c *chaos) judgeMails(t *testing.T, ends []ending) (lost, doubled int) {
	t.Helper()
	heard := c.heard(ends)
	wanted := map[pair]bool{}
	for _, e := range ends {
		for address := range e.people() {
			k := pair{address, e.theme}
			wanted[k] = true
			ids := heard[k]
			if len(ids) == 0 {
				lost++
				t.Errorf("%s was never told of %s", address, e.title.EN)
			}
			if len(ids) > 1 {
				t.Errorf("%s was told of %s under %d Message-IDs: %v", address, e.title.EN, len(ids), ids)
			}
		}
	}
	for k := range heard {
		if !wanted[k] {
			t.Errorf("%s was told of %s, which is none of theirs", k.address, k.theme)
		}
	}
	first := map[string]time.Time{}
	byKill := map[int]int{} // doubles by the kill that the first copy came before
	for _, m := range c.sink.Mails() {
		id := m.To + " " + m.Read(t).Header.Get("Message-Id")
		if at, again := first[id]; again {
			doubled++
			byKill[sort.Search(len(c.when), func(i int) bool { return c.when[i].After(at) })]++
		} else {
			first[id] = m.At
		}
	}
	for kill, n := range byKill {
		if kill == len(c.when) {
			t.Errorf("%d mails came twice without a kill in between", n)
		} else if n > smtpConnections {
			t.Errorf("%d mails came twice around kill %d (%s), want at most %d: one for each connection", n, kill+1, c.kills[kill], smtpConnections)
		}
	}
	return lost, doubled
}

// noDecisionTwice reads the change feed: every change of the story stands there once.
func (c *chaos) noDecisionTwice(t *testing.T) {
	t.Helper()
	type activity struct{ ID, Verb, Theme, Suggestion string }
	seen := map[activity]int{}
	total := 0
	for after := ""; ; {
		var page struct {
			Activities []activity
			Next       string `json:"next_cursor"`
		}
		c.get("/activities?limit=100&after="+after, &page)
		for _, a := range page.Activities {
			a.ID = ""
			seen[a]++
			total++
		}
		if len(page.Activities) == 0 {
			break
		}
		after = page.Next
	}
	once := []string{"suggestion.filed", "suggestion.assigned", "theme.created", "theme.confirmed", "theme.status", "issue.wanted", "issue.linked"}
	for a, n := range seen {
		if n > 1 && slices.Contains(once, a.Verb) {
			t.Errorf("%d activities %s of suggestion %q and theme %q, want one", n, a.Verb, a.Suggestion, a.Theme)
		}
	}
	if total < 400 {
		t.Errorf("%d activities, want at least the 400 of filing and assigning", total)
	}
}
