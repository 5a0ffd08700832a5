package meaning

import (
	"context"
	"fmt"
	"sync"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/assets"
	"github.com/heedhq/heed/dedup/chinese"
	"github.com/heedhq/heed/dedup/encoder"
)

const (
	readerModel = "heed-1"
	readerMost  = 1024 // characters read of a text; the encoder and the student use fewer
	glossWeight = .75
	leastKnown  = .7 // of a text's letters; Vietnamese has .8 of them, Russian .5, Hebrew none
)

// Reader is the built-in model. It is safe for concurrent use.
type Reader struct{ load func() (*parts, error) }

// parts is what the reader runs on once it is loaded.
type parts struct {
	english *encoder.Encoder
	words   *chinese.Dictionary
	student *chinese.Student
}

// NewReader returns the built-in model. It is loaded by the first text, which
// waits some 100 ms for it.
func NewReader() *Reader { return &Reader{load: sync.OnceValues(load)} }

func load() (*parts, error) {
	var p parts
	var err error
	if p.english, err = encoder.Load(assets.Encoder(), assets.Pieces()); err != nil {
		return nil, fmt.Errorf("load meaning: %w", err)
	}
	if p.words, err = chinese.Load(assets.Dictionary()); err != nil {
		return nil, fmt.Errorf("load meaning: %w", err)
	}
	if p.student, err = chinese.LoadStudent(assets.Student(), p.words); err != nil {
		return nil, fmt.Errorf("load meaning: %w", err)
	}
	return &p, nil
}

// Dictionary returns the Chinese dictionary that the model reads with, for
// dedup.Index.UseDictionary. It loads the model.
func (r *Reader) Dictionary() (*chinese.Dictionary, error) {
	p, err := r.load()
	if err != nil {
		return nil, err
	}
	return p.words, nil
}

// Model names the vectors of this model.
func (r *Reader) Model() string { return readerModel }

// Embed returns a vector for each text, in their order: length 1, nil for a text
// that says nothing, or nothing that the model can read: Hebrew, Arabic, Thai,
// Korean, Japanese, Cyrillic and the like are compared by their words. It runs on the caller's goroutine. Errors: of loading, or
// ctx's.
func (r *Reader) Embed(ctx context.Context, texts []Text) ([][]float32, error) {
	p, err := r.load()
	if err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = p.embed(t.head(readerMost))
	}
	return out, nil
}

func (p *parts) embed(text string) []float32 {
	if text == "" {
		return nil
	}
	if dedup.Language(text) != "zh" {
		if p.english.Known(text) < leastKnown {
			return nil
		}
		return p.english.Embed(text)
	}
	text = dedup.Mainland(text)
	if !p.student.Knows(text) {
		return nil
	}
	v := p.student.Embed(text)
	if gloss := p.words.Gloss(text); gloss != "" {
		for i, x := range p.english.Embed(gloss) {
			v[i] += glossWeight * x
		}
	}
	if !unit(v) {
		return nil
	}
	return v
}
