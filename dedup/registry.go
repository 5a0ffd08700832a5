package dedup

// registry numbers the themes of an index. Merging two themes links one number
// to the other (the smaller to the larger, so chains stay short) and moves no
// item. It is changed under the index's write lock only.
type registry struct {
	themes []themeEntry
	byName map[string]uint32
}

type themeEntry struct {
	name   string
	parent uint32 // itself at the root
	items  int
	public bool
}

// unassigned is the number of the theme "".
const unassigned = 0

func newRegistry() *registry {
	return &registry{themes: []themeEntry{{}}, byName: map[string]uint32{}}
}

func (r *registry) root(t uint32) uint32 {
	for r.themes[t].parent != t {
		t = r.themes[t].parent
	}
	return t
}

func (r *registry) at(t uint32) *themeEntry { return &r.themes[r.root(t)] }

// number returns the number of a theme, adding it when it is new.
func (r *registry) number(name string) uint32 {
	if name == "" {
		return unassigned
	}
	t, ok := r.byName[name]
	if !ok {
		t = uint32(len(r.themes))
		r.themes = append(r.themes, themeEntry{name: name, parent: t})
		r.byName[name] = t
	}
	return t
}

func (r *registry) setPublic(name string, public bool) {
	if t, ok := r.byName[name]; ok {
		r.themes[t].public = public
	}
}

// rename gives all items of one theme to another, which keeps its own publicity;
// a theme nobody has named yet is private.
func (r *registry) rename(from, to string) {
	f, ok := r.byName[from]
	if !ok || from == to {
		return
	}
	delete(r.byName, from)
	if to == "" {
		return // the index unassigns the items one by one
	}
	t, ok := r.byName[to]
	if !ok {
		r.themes[f].name, r.themes[f].public = to, false
		r.byName[to] = f
		return
	}
	keep, link := t, f
	if r.themes[f].items > r.themes[t].items {
		keep, link = f, t
		r.themes[f].name, r.themes[f].public = to, r.themes[t].public
		r.byName[to] = f
	}
	r.themes[keep].items += r.themes[link].items
	r.themes[link] = themeEntry{parent: keep}
}
