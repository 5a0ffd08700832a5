package dedup

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// naive is what an index promises, kept the slow way.
type naive struct {
	items  map[string]Item
	public map[string]bool
}

func (n *naive) visible(publicOnly, loose bool) map[string]bool {
	out := map[string]bool{}
	for id, it := range n.items {
		if it.Theme == "" {
			out[id] = loose && !publicOnly
		} else {
			out[id] = !publicOnly || n.public[it.Theme]
		}
	}
	return out
}

// Whatever is put, moved, merged, published and removed, in any order: an item
// is found by its own text under its own theme exactly when it may be seen.
func TestIndexAgainstNaive(t *testing.T) {
	words := []string{"export", "slow", "board", "提现", "推送", "login", "v2", "dark"}
	rapid.Check(t, func(t *rapid.T) {
		x, n := NewIndex(), naive{map[string]Item{}, map[string]bool{}}
		id := rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6"})
		theme := rapid.SampledFrom([]string{"", "a", "b", "c"})
		named := rapid.SampledFrom([]string{"a", "b", "c"})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				it := Item{ID: id.Draw(t, "id"), Theme: theme.Draw(t, "theme"), Public: rapid.Bool().Draw(t, "public"),
					Title: rapid.SampledFrom(words).Draw(t, "title"), Text: rapid.SampledFrom(words).Draw(t, "text")}
				x.Put(it)
				if n.items[it.ID] = it; it.Theme != "" {
					n.public[it.Theme] = it.Public
				}
			},
			"remove": func(t *rapid.T) { i := id.Draw(t, "id"); x.Remove(i); delete(n.items, i) },
			"setTheme": func(t *rapid.T) {
				i, to := id.Draw(t, "id"), theme.Draw(t, "theme")
				x.SetTheme(i, to)
				if it, ok := n.items[i]; ok {
					it.Theme = to
					n.items[i] = it
				}
			},
			"retheme": func(t *rapid.T) {
				from, to := named.Draw(t, "from"), theme.Draw(t, "to")
				if !x.knows(from) || to != "" && !x.knows(to) {
					t.Skip("merging a theme nobody has named is told apart in TestRetheme")
				}
				x.Retheme(from, to)
				for i, it := range n.items {
					if it.Theme == from {
						it.Theme = to
						n.items[i] = it
					}
				}
				if from != to {
					delete(n.public, from)
				}
			},
			"publish": func(t *rapid.T) {
				th, p := named.Draw(t, "theme"), rapid.Bool().Draw(t, "public")
				if x.knows(th) {
					n.public[th] = p
				}
				x.SetPublic(th, p)
			},
			"compact": func(*rapid.T) { x.compact() },
			"": func(t *rapid.T) {
				if x.Len() != len(n.items) {
					t.Fatalf("Len %d, want %d", x.Len(), len(n.items))
				}
				for _, q := range []Query{{}, {PublicOnly: true}, {Loose: true}} {
					check(t, x, n, q)
				}
			},
		})
	})
}

// knows reports whether the index has a name for the theme.
func (x *Index) knows(theme string) bool { _, ok := x.themes.byName[theme]; return ok }

func check(t *rapid.T, x *Index, n naive, q Query) {
	visible := n.visible(q.PublicOnly, q.Loose)
	for id, it := range n.items {
		q.Title, q.Text, q.Limit = it.Title, it.Text, 50
		got := x.Match(q)
		ok := slices.ContainsFunc(got, func(c Candidate) bool {
			return c.Theme == it.Theme && (it.Theme != "" || c.Item == id)
		})
		if visible[id] != ok && (visible[id] || it.Theme == "") {
			t.Fatalf("item %s %+v, query %+v: found %+v, want it visible: %v", id, it, q, got, visible[id])
		}
		for _, c := range got {
			o, known := n.items[c.Item]
			if !known || o.Theme != c.Theme || !visible[c.Item] || !(c.Score >= 0 && c.Score <= 1) {
				t.Fatalf("query %+v: candidate %+v of item %+v, visible %v", q, c, o, visible[c.Item])
			}
		}
	}
}

func TestRetheme(t *testing.T) {
	x := indexOf(board())
	x.Retheme("export", "dark")
	if got := x.Match(Query{Text: "slow export of boards"}); got[0].Theme != "dark" {
		t.Errorf("after the merge found %v", found(got))
	}
	x.Put(Item{ID: "new", Theme: "export", Text: "slow export of boards"})
	if got := x.Match(Query{Text: "slow export of boards"}); got[0].Item != "new" || got[0].Theme != "export" && got[0].Theme != "dark" {
		t.Errorf("an old name used again: %+v", got[0])
	}
	x.Retheme("dark", "brand-new")
	if got := found(x.Match(Query{Text: "dark mode"})); got[0] != "brand-new" {
		t.Errorf("renamed: %v", got)
	}
	if got := found(x.Match(Query{Text: "dark mode", PublicOnly: true})); slices.Contains(got, "brand-new") {
		t.Error("a theme of unknown publicity is shown to the public")
	}
	x.Retheme("login", "")
	if got := found(x.Match(Query{Text: "Google login"})); slices.Contains(got, "login") || slices.Contains(got, "") {
		t.Errorf("unassigned items are found: %v", got)
	}
}

// Removing much compacts, and what stays is found as before.
func TestCompaction(t *testing.T) {
	x := NewIndex()
	for i := range 5000 {
		x.Put(Item{ID: fmt.Sprint(i), Theme: fmt.Sprint("t", i%50), Text: fmt.Sprintf("word%d 提现 thing%d", i, i%50)})
	}
	for i := range 5000 {
		if i%10 != 0 {
			x.Remove(fmt.Sprint(i))
		}
	}
	if x.Len() != 500 || len(x.docs) > 2000 || len(x.vocab.words) > 5000 {
		t.Errorf("%d live, %d documents and %d words kept", x.Len(), len(x.docs), len(x.vocab.words))
	}
	for i := 0; i < 5000; i += 10 {
		if got := x.Match(Query{Text: fmt.Sprintf("word%d", i)}); len(got) == 0 || got[0].Item != fmt.Sprint(i) {
			t.Fatalf("word%d: %+v", i, got)
		}
	}
	if got := x.Match(Query{Text: "word4999"}); len(got) > 0 && got[0].Item == "4999" {
		t.Error("a removed item was found")
	}
}

// Writers and readers at once: every match sees whole items only.
func TestConcurrentUse(t *testing.T) {
	x := indexOf(board())
	meant := [][]float32{nil, direction("export", "", 0), direction("export", "boards", .3)}
	stop := time.Now().Add(200 * time.Millisecond)
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for i := 0; time.Now().Before(stop); i++ {
				id := fmt.Sprint("w", w, i%300)
				x.Put(Item{ID: id, Theme: fmt.Sprint("x", i%7), Text: fmt.Sprintf("export number%d of boards 提现", i), Vector: meant[i%2]})
				x.SetVector(id, meant[2])
				x.SetTheme(id, fmt.Sprint("x", i%5))
				x.SetPublic(fmt.Sprint("x", i%5), i%2 == 0)
				x.Retheme("x6", "x1")
				if i%3 == 0 {
					x.Remove(id)
				}
			}
		})
	}
	for range 3 {
		wg.Go(func() {
			for time.Now().Before(stop) {
				got := x.Match(Query{Text: "slow export of large boards", Limit: 50, Vector: meant[2]})
				if !slices.Contains(found(got), "export") {
					t.Errorf("export was not found among %v", found(got))
					return
				}
				for _, c := range got {
					if c.Theme == "" || c.Item == "" {
						t.Errorf("half a candidate: %+v", c)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}
