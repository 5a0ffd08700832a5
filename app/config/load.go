package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DefaultPath is the file that Load reads when none is named.
const DefaultPath = "config.yaml"

// Load reads the file at path (DefaultPath when "") over the defaults, then the
// HEED_SECTION__KEY variables of environ ("NAME=value", as os.Environ gives
// them) over the file. A missing file is an empty one. The error is Problems,
// all of them, or says why the file cannot be read.
func Load(path string, environ []string) (Config, error) {
	named := path != "" // a file that was named must be there
	if !named {
		path = DefaultPath
	}
	raw, err := os.ReadFile(path)
	if err != nil && (named || !errors.Is(err, fs.ErrNotExist)) {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	c := Default()
	c.Server.PublicURL = "" // derived again, from the address that is set
	ks := c.keys()
	problems := append(readFile(ks, path, raw), readEnviron(ks, environ)...)
	if len(problems) == 0 {
		problems = c.GitHub.whole(path)
	}
	if len(problems) > 0 {
		return Config{}, problems
	}
	c.derive()
	return c, nil
}

// readFile walks the YAML itself instead of decoding into a struct: that way
// every problem is found, with its line, and a value means what is written (off
// is a word, 0 a text), whatever YAML would make of it.
func readFile(ks []key, path string, raw []byte) Problems {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return Problems{syntaxProblem(path, err)}
	}
	r := &fileReader{path: path, keys: ks}
	r.root(doc.Content[0])
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.problem(0, "", "the file holds more than one document", "")
	}
	return r.problems
}

// syntaxProblem takes the line out of the parser's message, and names the slip
// that is most likely in this file: a bare @every or * * * * *.
func syntaxProblem(path string, err error) Problem {
	p := Problem{Source: path}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if _, serr := fmt.Sscanf(text, "line %d:", &p.Line); serr == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	p.Text = "cannot be read: " + text + " (values that begin with @ or * need quotes)"
	return p
}

type fileReader struct {
	path     string
	keys     []key
	problems Problems
}

func (r *fileReader) problem(line int, key, text, allowed string) {
	r.problems = append(r.problems, Problem{Source: r.path, Line: line, Key: key, Text: text, Allowed: allowed})
}

func (r *fileReader) root(n *yaml.Node) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.problem(n.Line, "", "the file must hold sections such as server:", "")
		return
	}
	known := sections(r.keys)
	r.each(n, "", func(name string, at, v *yaml.Node) {
		switch {
		case !slices.Contains(known, name):
			r.unknown(at.Line, name)
		case isNull(v):
		case v.Kind != yaml.MappingNode:
			r.problem(v.Line, name, "is a section: its keys stand indented below it", "")
		default:
			r.section(name, v)
		}
	})
}

func (r *fileReader) section(section string, n *yaml.Node) {
	r.each(n, section+".", func(name string, at, v *yaml.Node) {
		k, ok := find(r.keys, section+"."+name)
		switch {
		case !ok:
			r.unknown(at.Line, section+"."+name)
		case v.Kind != yaml.ScalarNode:
			r.problem(v.Line, k.name, "takes one value", k.allowed)
		default:
			value := v.Value
			if isNull(v) {
				value = ""
			}
			if err := k.set(value); err != nil {
				r.problems = append(r.problems, k.wrong(r.path, v.Line, value, err))
			}
		}
	})
}

// each hands every pair of a mapping to fn, refusing a key's second place.
func (r *fileReader) each(n *yaml.Node, prefix string, fn func(name string, at, v *yaml.Node)) {
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at, v := n.Content[i], n.Content[i+1]
		if v.Kind == yaml.AliasNode {
			v = v.Alias
		}
		if line, twice := first[at.Value]; twice {
			r.problem(at.Line, prefix+at.Value, fmt.Sprintf("stands a second time; the first is on line %d", line), "")
			continue
		}
		first[at.Value] = at.Line
		fn(at.Value, at, v)
	}
}

func (r *fileReader) unknown(line int, name string) {
	p := Problem{Source: r.path, Line: line, Key: name, Text: "is no key"}
	candidates := sections(r.keys)
	if strings.Contains(name, ".") {
		candidates = names(r.keys)
	}
	if near := nearest(name, candidates); near != "" {
		p.Text += "; did you mean " + near + "?"
	}
	r.problems = append(r.problems, p)
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

const envPrefix = "HEED_"

// isForeign names the variables of HEED_… that are not configuration: the
// client's, and the tests'.
func isForeign(name string) bool {
	return name == "HEED_URL" || name == "HEED_TOKEN" || strings.HasPrefix(name, "HEED_TEST_")
}

func readEnviron(ks []key, environ []string) Problems {
	var problems Problems
	byVariable := map[string]key{}
	var known []string
	for _, k := range ks {
		byVariable[k.variable()] = k
		known = append(known, k.variable())
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || isForeign(name) {
			continue
		}
		k, ok := byVariable[name]
		if !ok {
			p := Problem{Source: name, Text: "is no variable of Heed"}
			if near := nearest(name, known); near != "" {
				p.Text += "; did you mean " + near + "?"
			}
			problems = append(problems, p)
			continue
		}
		if err := k.set(value); err != nil {
			problems = append(problems, k.wrong(name, 0, value, err))
		}
	}
	return problems
}

// variable is the key's name in the environment.
func (k key) variable() string {
	return envPrefix + strings.ToUpper(strings.Replace(k.name, ".", "__", 1))
}

func find(ks []key, name string) (key, bool) {
	i := slices.IndexFunc(ks, func(k key) bool { return k.name == name })
	if i < 0 {
		return key{}, false
	}
	return ks[i], true
}

func names(ks []key) []string {
	out := make([]string, len(ks))
	for i, k := range ks {
		out[i] = k.name
	}
	return out
}

func sections(ks []key) []string {
	var out []string
	for _, k := range ks {
		if s, _, _ := strings.Cut(k.name, "."); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
