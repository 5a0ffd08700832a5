package dedup

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func hostile() map[string]string {
	noise := make([]byte, 64<<10)
	for i := range noise {
		noise[i] = byte(i * i >> 3)
	}
	var words, mails strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&words, "w%dx ", i)
		mails.WriteString("a.")
	}
	return map[string]string{
		"one letter":     strings.Repeat("a", 64<<10),
		"one character":  strings.Repeat("提", 22<<10),
		"spaces":         strings.Repeat(" ", 64<<10),
		"emoji":          strings.Repeat("👩‍👩‍👧", 4000),
		"marks":          "e" + strings.Repeat("\u0301", 32<<10),
		"right to left":  strings.Repeat("لا أستطيع تسجيل الدخول \u202e", 1000),
		"many words":     words.String(),
		"mail-like":      mails.String() + "@",
		"at signs":       strings.Repeat("@", 64<<10),
		"URLs":           strings.Repeat("http://", 9000),
		"noise":          string(noise),
		"stack trace":    strings.Repeat("\tat com.example.Foo$Bar.baz(Foo.java:123)\n", 1400),
		"code":           strings.Repeat("if err != nil { return fmt.Errorf(\"x: %w\", err) }\n", 1200),
		"expanding":      strings.Repeat("ﷺ", 20000),
		"typos of typos": strings.Repeat("exportt exprot exporrt exportss ", 2000),
	}
}

// Nothing anybody sends may stall the index, and an index full of it still
// answers as before.
func TestHostileTexts(t *testing.T) {
	x := indexOf(board())
	for name, s := range hostile() {
		start := time.Now()
		x.Put(Item{ID: name, Theme: "hostile " + name, Title: s, Text: s})
		for _, c := range x.Match(Query{Title: s, Text: s}) {
			for _, r := range c.Reasons {
				for i, sp := range r.Spans {
					if s[sp[0]:sp[1]] != r.Words[i] {
						t.Errorf("%s: span %v is not the word", name, sp)
					}
				}
			}
		}
		Normalise(s)
		ExactKey(s, s+"!")
		Language(s)
		if d := time.Since(start); d > 3*time.Minute { // under one second in truth, some twenty under the race detector on a busy machine
			t.Errorf("%s: %v", name, d)
		}
	}
	if got := x.Match(Query{Text: "the export of our board is slow"}); got[0].Theme != "export" || got[0].Score < SuggestAt {
		t.Errorf("among hostile texts found %+v", got[0])
	}
	for name := range hostile() {
		x.Remove(name)
	}
	if x.Len() != len(x.ids.byHash)+len(x.ids.more) || x.grams.texts != x.Len() {
		t.Errorf("%d items, %d texts counted", x.Len(), x.grams.texts)
	}
}

// Counting n-grams in and out again leaves nothing behind.
func TestRarityIsExact(t *testing.T) {
	x := NewIndex()
	for name, s := range hostile() {
		x.Put(Item{ID: name, Theme: "t", Title: name, Text: s})
		x.Put(Item{ID: name, Theme: "t", Title: s, Text: name})
	}
	for name := range hostile() {
		x.Remove(name)
	}
	for i, n := range x.grams.count {
		if n != 0 {
			t.Fatalf("slot %d counts %d texts of none", i, n)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"Export SLOW 提现处理中", "can't log in https://x.io", "\u202e\xff👍", "ｅｘｐｏｒｔ１２３ v1.2", "e\u0301\u200de"} {
		f.Add(s, "slow export")
	}
	x := indexOf(board())
	f.Fuzz(func(t *testing.T, title, text string) {
		x.Put(Item{ID: "fuzz", Theme: "fuzz", Title: title, Text: text})
		for _, c := range x.Match(Query{Title: title, Text: text, Limit: 50}) {
			if c.Item == "" || !(c.Score >= 0 && c.Score <= 1) {
				t.Fatalf("%+v", c)
			}
			for _, r := range c.Reasons {
				source := text
				if r.Kind == "title" {
					source = title
				}
				if len(r.Words) == 0 || len(r.Words) != len(r.Spans) {
					t.Fatalf("%+v", r)
				}
				for i, s := range r.Spans {
					if source[s[0]:s[1]] != r.Words[i] || utf8.ValidString(source) && !utf8.ValidString(r.Words[i]) {
						t.Fatalf("%q: span %v, word %q", source, s, r.Words[i])
					}
				}
			}
		}
	})
}
