package models_test

import (
	"bytes"
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/heedhq/heed/models"
)

func TestAStoredVectorPointsWhereItDid(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, n := range []int{1, 64, 512, models.MaxVector} {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64() / math.Sqrt(float64(n)))
		}
		b := models.PackVector(v)
		if len(b) != 4+n {
			t.Fatalf("%d numbers take %d bytes", n, len(b))
		}
		got, err := models.UnpackVector(b, nil)
		if err != nil || len(got) != n {
			t.Fatal(len(got), err)
		}
		var ab, aa, bb float64
		for i := range v {
			ab, aa, bb = ab+float64(v[i]*got[i]), aa+float64(v[i]*v[i]), bb+float64(got[i]*got[i])
		}
		if cos := ab / math.Sqrt(aa*bb); cos < .9995 || math.Abs(bb/aa-1) > .01 {
			t.Errorf("%d numbers: cosine %f, length %f", n, cos, bb/aa)
		}
		if again := models.PackVector(got); !bytes.Equal(again, b) {
			t.Errorf("%d numbers: packing twice is not packing once", n)
		}
	}
}

func TestTheStoredFormIsTheSameOnEveryMachine(t *testing.T) {
	b := models.PackVector([]float32{1, -1, .5, 0})
	want := []byte{0x04, 0x02, 0x01, 0x3c, 127, 0x81, 64, 0} // 1/127 in little-endian bits, then 127, -127, 64, 0
	if !bytes.Equal(b, want) {
		t.Errorf("got % x", b)
	}
	if d := models.Digest("title", "text"); d != models.Digest("title", "text") || d == models.Digest("titlet", "ext") || d == models.Digest("", "titletext") {
		t.Error("digests do not tell titles from texts")
	}
	if got := models.Digest("", ""); got != -5808391946409677970 {
		t.Errorf("the digest of nothing is %d", got)
	}
}

func TestADecodedVectorTakesNoMemoryOfItsOwn(t *testing.T) {
	b := models.PackVector(slices.Repeat([]float32{.1}, 512))
	into := make([]float32, 512)
	if n := testing.AllocsPerRun(100, func() { into, _ = models.UnpackVector(b, into) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestWhatIsNoVectorIsRefused(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, v := range map[string][]float32{"none": nil, "zero": {0, 0}, "NaN": {1, nan}, "infinite": {inf, 1}, "long": make([]float32, models.MaxVector+1)} {
		if name == "long" {
			v[0] = 1
		}
		if b := models.PackVector(v); b != nil {
			t.Errorf("%s was packed into %d bytes", name, len(b))
		}
	}
	good := models.PackVector([]float32{1, 2})
	for name, b := range map[string][]byte{
		"nothing": nil, "scale cut": good[:3], "no numbers": good[:4], "NaN": {0, 0, 0xc0, 0x7f, 1}, "infinite": {0, 0, 0x80, 0x7f, 1},
		"negative": {0, 0, 0x80, 0xbf, 1}, "zero": {0, 0, 0, 0, 1}, "huge": {0xff, 0xff, 0x7f, 0x7f, 1}, "long": make([]byte, 5+models.MaxVector),
	} {
		if v, err := models.UnpackVector(b, nil); err == nil {
			t.Errorf("%s was read as %v", name, v)
		}
	}
}
