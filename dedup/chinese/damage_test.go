package chinese

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/heedhq/heed/dedup/assets"
)

func zip(tb testing.TB, text string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestLoadSmall(t *testing.T) {
	d, err := Load(zip(t, "# comment\n導导\n一\tone\n一下\ta little/once\n导\tguide"))
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Senses("一下"); len(got) != 2 || got[1] != "once" {
		t.Errorf("senses %q", got)
	}
	if d.Gloss("導一下") != "guide a little" {
		t.Errorf("gloss %q", d.Gloss("導一下"))
	}
	for _, empty := range []string{"", "#", "#\n", "#\n\n"} {
		d, err := Load(zip(t, empty))
		if err != nil {
			t.Errorf("%q: %v", empty, err)
		} else if d.Senses("一") != nil || len(d.Segment("一下")) != 2 {
			t.Errorf("%q knows words", empty)
		}
	}
}

// A dictionary out of order would be searched in vain, so it is refused; so are
// files cut short or swapped.
func TestLoadRefusesDamage(t *testing.T) {
	for name, text := range map[string]string{
		"out of order":      "#\n\n下\tdown\n一\tone\n",
		"twice":             "#\n\n一\tone\n一\tone\n",
		"no senses":         "#\n\n一\n",
		"empty line":        "#\n\n一\tone\n\n",
		"not Han":           "#\n\nx\ty\n",
		"odd pairs":         "#\n導\n",
		"invalid UTF-8":     "#\n\n\xff\tx\n",
		"past the Han ones": "#\n\n\ua000\tx\n",
	} {
		if _, err := Load(zip(t, text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	gz := assets.Dictionary()
	for _, n := range []int{0, 1, 10, 1000, len(gz) / 2, len(gz) - 1} {
		if _, err := Load(gz[:n]); err == nil {
			t.Errorf("%d bytes were accepted", n)
		}
	}
	d, err := Load(zip(t, "#\n\n"))
	if err != nil {
		t.Fatal(err)
	}
	raw := assets.Student()
	for _, n := range []int{0, 8, 500, len(raw) / 2, len(raw) - 10} {
		if _, err := LoadStudent(raw[:n], d); err == nil {
			t.Errorf("a student of %d bytes was accepted", n)
		}
	}
	if _, err := LoadStudent(assets.Encoder(), d); err == nil {
		t.Error("the encoder was accepted as a student")
	}
}

// A small file that unpacks to very much is refused before it is all in memory.
func TestLoadRefusesBombs(t *testing.T) {
	mega := zip(t, strings.Repeat("\x00", 1<<20))
	if _, err := Load(bytes.Repeat(mega, maxUnpacked>>20+1)); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("error %v", err)
	}
}
