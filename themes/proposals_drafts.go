package themes

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/heedhq/heed/dedup/cluster"
)

const (
	leastPart     = 2   // suggestions of a part that is split off, and of what stays
	mostMoved     = 500 // suggestions that one split moves
	mostlyIn      = .6  // share of a theme's suggestions that makes a group its own
	wholeIn       = .8  // share of a theme's suggestions that its two parts hold
	farApart      = .35 // of how alike the parts are within, the most that they may be between
	alikeWords    = .55 // s of the best pairs of two themes that may be one; with vectors more
	alikeMeant    = 1.4
	leastWords    = .2 // s of two suggestions that are alike at all; with vectors more
	leastMeant    = 1.2
	togetherMeant = 1.2 // mean s of a group among few suggestions
	// The same said in two languages has about .7 of the s that it has in one.
	acrossTongues = 1.4
	shownSaid     = 3 // suggestions of each side that a proposal names
)

// sides are the items looked at, by number: their groups and their themes.
type sides struct {
	graph  *cluster.Graph
	fair   *cluster.Graph // the same for parts of a theme: nothing left out, languages on a par
	groups []int32
	of     map[string][]int // items by theme
	theme  []string         // by item
	han    []bool           // by item
	alike  float64
}

// link is how two themes hang together.
type link struct {
	a, b  string
	best  []linked // the strongest, at most three
	pairs int      // that there are
}

type linked struct {
	a, b int // items
	s    float64
}

// strength is the mean of the three best, of fewer where there are no three.
func (l *link) strength() float64 {
	sum := 0.0
	for _, p := range l.best {
		sum += p.s
	}
	return sum / float64(min(3, l.pairs))
}

// merges finds themes whose items fall mostly into one group and hang together
// there, the strongest first.
func (x *sides) merges() []link {
	home := map[string]int32{}
	for theme, items := range x.of {
		count := map[int32]int{}
		for _, i := range items {
			count[x.groups[i]]++
		}
		for g, n := range count {
			if float64(n) >= mostlyIn*float64(len(items)) {
				home[theme] = g
			}
		}
	}
	links := map[[2]string]*link{}
	x.graph.Edges(func(a, b int, s float64) {
		ta, tb := x.theme[a], x.theme[b]
		ga, oka := home[ta]
		gb, okb := home[tb]
		if ta == tb || !oka || !okb || ga != gb {
			return
		}
		if ta > tb {
			ta, tb, a, b = tb, ta, b, a
		}
		l := links[[2]string{ta, tb}]
		if l == nil {
			l = &link{a: ta, b: tb, pairs: len(x.of[ta]) * len(x.of[tb])}
			links[[2]string{ta, tb}] = l
		}
		l.best = append(l.best, linked{a, b, s})
		slices.SortFunc(l.best, func(p, q linked) int {
			return cmp.Or(cmp.Compare(q.s, p.s), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
		})
		l.best = l.best[:min(3, len(l.best))]
	})
	out := []link{}
	for _, l := range links {
		if l.strength() >= x.alike {
			out = append(out, *l)
		}
	}
	slices.SortFunc(out, func(p, q link) int {
		return cmp.Or(cmp.Compare(q.strength(), p.strength()), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	return out
}

// cut is a theme in two: the smaller part first.
type cut struct {
	theme      string
	move, keep []int
	strength   float64
}

// splits finds themes whose items fall into two groups far apart.
func (x *sides) splits() []cut {
	out := []cut{}
	for _, theme := range slices.Sorted(maps.Keys(x.of)) {
		items := x.of[theme]
		parts := map[int32][]int{}
		for _, i := range items {
			parts[x.groups[i]] = append(parts[x.groups[i]], i)
		}
		order := x.joined(slices.SortedFunc(maps.Values(parts), bigger))
		if len(order) < 2 {
			continue
		}
		keep, move := order[0], order[1]
		if len(move) < leastPart || len(move) > mostMoved || float64(len(keep)+len(move)) < wholeIn*float64(len(items)) {
			continue
		}
		if x.tongues(keep, move) {
			continue // the same in two languages is never as near as in one
		}
		if far, alike := x.apart(keep, move); far {
			out = append(out, cut{theme: theme, move: move, keep: keep, strength: alike})
		}
	}
	slices.SortStableFunc(out, func(p, q cut) int { return cmp.Compare(q.strength, p.strength) })
	return out
}

func bigger(p, q []int) int {
	return cmp.Or(cmp.Compare(len(q), len(p)), cmp.Compare(p[0], q[0]))
}

// joined puts together the parts of a theme that are not far apart, the nearest
// two first: what is said in two languages, what a resolution cut too fine. Of
// many parts only the biggest are looked at.
func (x *sides) joined(parts [][]int) [][]int {
	const most = 12
	for {
		slices.SortFunc(parts, bigger)
		best, a, b := farApart, 0, 0
		for j := range min(len(parts), most) {
			for i := range j {
				if near := x.nearness(parts[i], parts[j]); near > best {
					best, a, b = near, i, j
				}
			}
		}
		if a == b {
			return parts
		}
		parts[a] = slices.Sorted(slices.Values(append(parts[a], parts[b]...)))
		parts = slices.Delete(parts, b, b+1)
	}
}

// nearness is how alike two parts are between, over how alike they are within.
func (x *sides) nearness(a, b []int) float64 {
	within := x.alike
	for _, part := range [][]int{a, b} {
		if len(part) > 1 {
			within = min(within, x.mean(part, part))
		}
	}
	if within <= 0 {
		return 0
	}
	return max(x.mean(a, b), x.mean(b, a)) / within
}

// tongues reports whether two parts are mostly in different languages.
func (x *sides) tongues(a, b []int) bool {
	share := func(items []int) float64 {
		n := 0
		for _, i := range items {
			if x.han[i] {
				n++
			}
		}
		return float64(n) / float64(len(items))
	}
	return math.Abs(share(a)-share(b)) > .5
}

// apart reports whether two parts are each alike within and not between, and how
// alike the less alike of them is.
func (x *sides) apart(a, b []int) (bool, float64) {
	within, between := min(x.mean(a, a), x.mean(b, b)), max(x.mean(a, b), x.mean(b, a))
	return within >= x.alike/2 && between <= farApart*within, within
}

// mean is how alike the items of a are to those of b that could be their nearest,
// on average; what is not counts 0.
func (x *sides) mean(a, b []int) float64 {
	in := make(map[int]bool, len(b))
	for _, j := range b {
		in[j] = true
	}
	sum, room := 0.0, 0
	for _, i := range a {
		others := len(b)
		if in[i] {
			others--
		}
		room += min(others, cluster.Neighbours)
		x.fair.Of(i, func(j int, s float64) {
			if in[j] {
				sum += s
			}
		})
	}
	if room == 0 {
		return 0
	}
	return sum / float64(room)
}
