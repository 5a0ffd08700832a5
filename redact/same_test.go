package redact

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// One character over and over asks for a checksum at every place.
func TestOneCharacterOverAndOver(t *testing.T) {
	r := New(Options{})
	for _, c := range []string{"的", "好", "中", "a", "1", " ", "，", "歇", "憤", "zoo ", "的 ", "M", "5"} {
		text := strings.Repeat(c, 20000)
		start := time.Now()
		_, found := r.Mask(text)
		t.Logf("%q: %v, %d", c, time.Since(start).Round(time.Millisecond), len(found))
	}
}

func BenchmarkOneCharacter(b *testing.B) {
	for _, c := range []string{"的", "中", "歇"} {
		b.Run(fmt.Sprint(c), func(b *testing.B) { benchmark(b, strings.Repeat(c, 20000)) })
	}
}
