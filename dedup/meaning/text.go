package meaning

import (
	"math"
	"strings"
	"unicode"

	"github.com/heedhq/heed/dedup"
)

// Text is what is read: a title, which may be empty, and a text.
type Text struct{ Title, Text string }

// head joins title and text, white space folded, and cuts after so many
// characters; "" when nothing is said.
func (t Text) head(most int) string {
	var b strings.Builder
	pending := false
	for _, part := range [...]string{t.Title, " ", t.Text} {
		for _, r := range part {
			if unicode.IsSpace(r) {
				pending = b.Len() > 0
				continue
			}
			if most--; most < 0 {
				return said(b.String())
			}
			if pending {
				b.WriteByte(' ')
				pending = false
			}
			b.WriteRune(r)
		}
	}
	return said(b.String())
}

// said returns s when it holds a word beside addresses and ids.
func said(s string) string {
	if strings.ContainsFunc(dedup.Normalise(s), unicode.IsLetter) {
		return s
	}
	return ""
}

// unit gives v length 1 and reports whether it has a direction.
func unit(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if !(sum > 1e-24) || math.IsInf(sum, 1) { // also refuses NaN
		return false
	}
	inv := 1 / math.Sqrt(sum)
	for i, x := range v {
		v[i] = float32(float64(x) * inv)
	}
	return true
}
