package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/models"
)

const (
	readWhole = 20_000 // stored texts that are all read by the model
	readSome  = 4_000  // of more, so many; the others' vectors are made of these
	ofTopic   = .5     // how far a made vector is from what it was made of: for its topic,
	ofText    = .25    // and for its text
)

// reader gives the seeded texts their vectors, as the door would have. Reading
// a million texts takes most of an hour, so beyond readWhole a vector is that of
// one of the first texts, moved: a topic's by one direction, each text's a little
// by another.
type reader struct {
	model *meaning.Reader
	whole bool
	read  [][]float32
	rng   *rand.Rand
}

func newReader(items int) *reader {
	return &reader{model: meaning.NewReader(), whole: items <= readWhole, rng: rand.New(rand.NewPCG(seedTexts, 2))}
}

// vectorsCondition says in a report how the vectors came about.
func vectorsCondition(items int) string {
	if items <= readWhole {
		return "every stored text was read by the built-in model"
	}
	return fmt.Sprintf("vectors of stored texts: %d texts were read by the built-in model, the others' vectors are these, perturbed by topic and by text", readSome)
}

// row is the vector of a text on a topic as it is stored.
func (r *reader) row(ctx context.Context, item, title, text string, topic int) (models.Vector, error) {
	v := models.Vector{Model: r.model.Model(), ItemID: item, Digest: models.Digest(title, text)}
	if r.whole || len(r.read) < readSome {
		vecs, err := r.model.Embed(ctx, []meaning.Text{{Title: title, Text: text}})
		if err != nil {
			return v, err
		}
		if vecs[0] != nil {
			r.read = append(r.read, vecs[0])
		}
		v.Vector = models.PackVector(vecs[0])
		return v, nil
	}
	v.Vector = models.PackVector(r.near(topic))
	return v, nil
}

func (r *reader) near(topic int) []float32 {
	from := r.read[topic%len(r.read)]
	out := make([]float32, len(from))
	direction := rand.New(rand.NewPCG(uint64(topic), 3))
	unit := 1 / math.Sqrt(float64(len(from)))
	var squares float64
	for i, x := range from {
		y := float64(x) + unit*(ofTopic*direction.NormFloat64()+ofText*r.rng.NormFloat64())
		out[i] = float32(y)
		squares += y * y
	}
	for i := range out {
		out[i] /= float32(math.Sqrt(squares))
	}
	return out
}
