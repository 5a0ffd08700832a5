package eval

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/meaning"
)

// Options of a measurement.
type Options struct {
	In, Out  string // files of JSON lines
	Learn    string // Pairs: a file of decisions to learn from first; "": none
	First    int    // Pairs: only so many of the decisions; 0: all
	Progress func(label string) func(done, total int)
}

// text is one line of a file of texts. Theme is nil for a text of no theme.
type text struct {
	ID    string  `json:"id"`
	Text  string  `json:"text"`
	Body  string  `json:"body"`
	Lang  string  `json:"lang"`
	Theme *string `json:"theme"`
}

// parts is a text as a suggestion has it: what has a body has a title.
func (t text) parts() (title, body string) {
	if t.Body == "" {
		return "", t.Text
	}
	return t.Text, t.Body
}

// theme is the name of the text's theme in an index: each text of none has one of
// its own, as a candidate that nobody joined.
func (t text) theme() string {
	if t.Theme == nil {
		return "of its own: " + t.ID
	}
	return *t.Theme
}

const longestLine = 8 << 20

// read decodes a file of JSON lines.
func read[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("%s line %d is not the JSON of one item: %w", path, n, err)
		}
		out = append(out, v)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no lines", path)
	}
	return out, nil
}

// write writes one JSON line for each of n answers. A file that could not be
// written whole is no file.
func write(path string, n int, line func(i int) any) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range n {
		if err := enc.Encode(line(i)); err != nil {
			return abandon(f, err)
		}
	}
	if err := w.Flush(); err != nil {
		return abandon(f, err)
	}
	return f.Close()
}

func abandon(f io.Closer, err error) error {
	f.Close()
	return err
}

// house is an index with the built-in reader of meanings.
type house struct {
	index  *dedup.Index
	reader *meaning.Reader
}

func newHouse() (*house, error) {
	h := &house{reader: meaning.NewReader()}
	var err error
	h.index, err = h.empty(true, 0)
	return h, err
}

// empty returns an index without texts, with a dictionary or not.
func (h *house) empty(dictionary bool, without dedup.Ablation) (*dedup.Index, error) {
	index := dedup.NewIndex()
	index.Without(without)
	if !dictionary {
		return index, nil
	}
	d, err := h.reader.Dictionary()
	if err != nil {
		return nil, err
	}
	index.UseDictionary(d)
	return index, nil
}

// vectors reads texts on every processor.
func (h *house) vectors(ctx context.Context, o Options, texts []meaning.Text) ([][]float32, error) {
	out := make([][]float32, len(texts))
	err := each(ctx, o.Progress("reading"), len(texts), func(i int) error {
		v, err := h.reader.Embed(ctx, texts[i:i+1])
		if err == nil {
			out[i] = v[0]
		}
		return err
	})
	return out, err
}
