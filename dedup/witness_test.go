package dedup

import (
	"fmt"
	"testing"
)

// A text is like the one before it and ever less like the first. Each that joined
// unasked must not bring in the next.
func TestAChainDoesNotDriftIntoOneTheme(t *testing.T) {
	chain := make([]string, 12)
	for i := range chain { // of six words five are the neighbour's
		for k := range 6 {
			chain[i] += fmt.Sprintf("%s ", []string{"export", "board", "minutes", "frozen", "wallet", "balance", "network", "camera", "voice", "refund", "invoice", "calendar", "widget", "password", "avatar", "keyboard", "battery", "satellite"}[i+k])
		}
	}
	joined := func(unasked bool) (n int) {
		x := NewIndex()
		for i := range 3 {
			x.Put(Item{ID: fmt.Sprint("first", i), Theme: "first", Text: chain[0]})
		}
		for i := range 40 {
			x.Put(Item{ID: fmt.Sprint("other", i), Theme: fmt.Sprint("other", i%10), Text: fmt.Sprintf("something%d else%d entirely", i%10, i)})
		}
		for i, s := range chain[1:] {
			if cs := x.Match(Query{Text: s}); len(cs) > 0 && cs[0].Theme == "first" && cs[0].Attachable(.6) {
				x.Put(Item{ID: fmt.Sprint("chain", i), Theme: "first", Text: s, Unasked: unasked})
				n++
			}
		}
		return n
	}
	if n := joined(false); n < 8 {
		t.Fatalf("the chain is none: %d would join if each were a witness", n)
	}
	if n := joined(true); n == 0 || n > 5 {
		t.Errorf("%d of %d joined the first theme unasked", n, len(chain)-1)
	}
}

// What joined unasked is still shown to a person as a reason to propose the theme.
func TestWhatJoinedUnaskedStillProposes(t *testing.T) {
	x := NewIndex()
	x.Put(Item{ID: "1", Theme: "a", Text: "the export of my board is slow"})
	for i := range 4 {
		x.Put(Item{ID: fmt.Sprint("u", i), Theme: "a", Text: "downloading a spreadsheet hangs", Unasked: true})
	}
	cs := x.Match(Query{Text: "downloading a spreadsheet hangs again"})
	if len(cs) == 0 || cs[0].Theme != "a" || cs[0].Score < SuggestAt {
		t.Fatalf("%+v", cs)
	}
	if cs[0].Attachable(.1) || cs[0].Voted > 1 {
		t.Errorf("it would join: %+v", cs[0])
	}
}

// A text that a person took out of a theme keeps its near copies out too; what is
// nearer to the theme's own texts is proposed as before.
func TestANearCopyOfARefusedTextIsNotProposed(t *testing.T) {
	x := NewIndex()
	x.Put(Item{ID: "1", Theme: "export", Text: "the export of boards is slow"})
	x.Put(Item{ID: "2", Theme: "export", Text: "exporting a board takes minutes"})
	x.Put(Item{ID: "3", Theme: "import", Text: "the import of boards is slow"})
	copyOf := Query{Text: "please let me export the invoice of my board!"}
	if cs := x.Match(copyOf); len(cs) == 0 || cs[0].Theme != "export" {
		t.Fatalf("before: %+v", cs)
	}
	x.Put(Item{ID: "x|not|export", Theme: "export", Text: "let me export the invoice of my board", Against: true})
	for _, c := range x.Match(copyOf) {
		if c.Theme == "export" || c.Item == "x|not|export" {
			t.Errorf("still named: %+v", c)
		}
	}
	for _, n := range x.Nearest(copyOf, 10) {
		if n.Item == "x|not|export" {
			t.Error("the refused text is no neighbour of anything")
		}
	}
	if cs := x.Match(Query{Text: "the export of my boards is so slow"}); len(cs) == 0 || cs[0].Theme != "export" || cs[0].Score < SuggestAt {
		t.Errorf("near the theme itself: %+v", cs)
	}
	x.Remove("x|not|export") // the word was taken back
	if cs := x.Match(copyOf); len(cs) == 0 || cs[0].Theme != "export" {
		t.Errorf("taken back: %+v", cs)
	}
}
