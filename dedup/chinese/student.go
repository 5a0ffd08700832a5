package chinese

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/heedhq/heed/dedup/q8"
)

// Dim is the length of a vector.
const Dim = 512

const inner = 256 // length of a token's row

// Student turns a Chinese text into a vector that compares by cosine with the
// English encoder's, and with those of other Chinese texts. It needs some 2 MB
// beside the file, which it keeps reading from.
type Student struct {
	dict *Dictionary
	row  map[string]int32 // by kind of token and token
	rows q8.Matrix        // tokens x inner
	gate []float32        // the weight of each token
	proj []float32        // inner x Dim
	bias []float32
}

// LoadStudent reads the student's weights; file must not change afterwards.
func LoadStudent(file []byte, dict *Dictionary) (*Student, error) {
	f, err := q8.Read(file)
	if err != nil {
		return nil, fmt.Errorf("chinese: student: %w", err)
	}
	s := &Student{dict: dict}
	if s.rows, err = f.Matrix("rows", 0, inner, 0); err != nil {
		return nil, fmt.Errorf("chinese: student: %w", err)
	}
	vocab, err := f.Text("vocab")
	if err != nil {
		return nil, fmt.Errorf("chinese: student: %w", err)
	}
	tokens := strings.Split(vocab, "\n")
	if len(tokens) != s.rows.Rows {
		return nil, fmt.Errorf("chinese: student: %d tokens, %d rows", len(tokens), s.rows.Rows)
	}
	s.row = make(map[string]int32, len(tokens))
	for i, t := range tokens {
		s.row[t] = int32(i)
	}
	if s.gate, err = f.Floats("gate", s.rows.Rows); err != nil {
		return nil, fmt.Errorf("chinese: student: %w", err)
	}
	if s.bias, err = f.Floats("bias", Dim); err != nil {
		return nil, fmt.Errorf("chinese: student: %w", err)
	}
	proj, err := f.Matrix("proj", inner, Dim, 0)
	if err != nil {
		return nil, fmt.Errorf("chinese: student: %w", err)
	}
	s.proj = make([]float32, len(proj.Values))
	for i, v := range proj.Values {
		s.proj[i] = float32(int8(v)) * proj.Scales[i/Dim]
	}
	return s, nil
}

// Embed returns the vector of a text in either script: Dim values, length 1. A
// text without any known token has the vector of row 0, "nothing known", which is
// near to nothing in particular; so has an empty one.
func (s *Student) Embed(text string) []float32 {
	var sum [inner]float32
	var gates float64
	s.tokens(text, func(id int32) {
		g := s.gate[id]
		gates += float64(g)
		g *= s.rows.Scales[id]
		row := s.rows.Values[int(id)*inner:][:inner]
		for j, v := range row {
			sum[j] += g * float32(int8(v))
		}
	})
	inv := float32(1 / math.Max(math.Sqrt(gates), 1e-3))
	for j := range sum {
		sum[j] *= inv
	}
	out := make([]float32, Dim)
	copy(out, s.bias)
	s.project(out, &sum)
	unit(out)
	return out
}

// Knows reports whether Embed would read anything of a text.
func (s *Student) Knows(text string) bool {
	known := false
	s.tokens(text, func(id int32) { known = known || id != 0 })
	return known
}

// project adds v times the projection to out, four rows at a time so that out is
// read and written a quarter as often.
func (s *Student) project(out []float32, v *[inner]float32) {
	for j := 0; j < inner; j += 4 {
		a, b, c, d := v[j], v[j+1], v[j+2], v[j+3]
		p := s.proj[j*Dim:][:4*Dim]
		p0, p1, p2, p3 := p[:Dim], p[Dim:][:Dim], p[2*Dim:][:Dim], p[3*Dim:][:Dim]
		for k := range out[:Dim] {
			out[k] += a*p0[k] + b*p1[k] + c*p2[k] + d*p3[k]
		}
	}
}

func unit(v []float32) {
	var sq float64
	for _, x := range v {
		sq += float64(x) * float64(x)
	}
	if !(sq > 1e-24) || math.IsInf(sq, 1) { // weights made to harm; a direction all the same
		clear(v)
		v[0] = 1
		return
	}
	inv := float32(1 / math.Sqrt(sq))
	for i := range v {
		v[i] *= inv
	}
}

// tokens calls add with the row of every token of a text, repeats included, or
// with row 0 when none is known. Kinds: c character, w word of two or more
// characters, l Latin word, b pair of neighbouring characters.
func (s *Student) tokens(text string, add func(int32)) {
	text = s.dict.Simplify(strings.ToLower(head(text)))
	known := false
	var key []byte
	find := func(kind byte, token string) {
		key = append(append(key[:0], kind), token...)
		if id, ok := s.row[string(key)]; ok {
			known = true
			add(id)
		}
	}
	for _, w := range s.dict.Segment(text) {
		if !hanRun(w) {
			find('l', w)
			continue
		}
		for _, r := range w {
			find('c', string(r))
		}
		if utf8.RuneCountInString(w) > 1 {
			find('w', w)
		}
	}
	for run := range runs(text) {
		if !hanRun(run) {
			continue
		}
		last := -1
		for i := range run {
			if last >= 0 {
				_, size := utf8.DecodeRuneInString(run[i:])
				find('b', run[last:i+size])
			}
			last = i
		}
	}
	if !known {
		add(0)
	}
}
