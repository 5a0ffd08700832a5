package q8

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// file writes a q8/1 file.
func file(header string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func floats(v ...float32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// small holds a text, a vector and a matrix of two rows and three columns.
func small() []byte {
	data := append([]byte("a\nb\x00\x00\x00\x00\x00"), floats(1, 2.5)...)
	data = append(data, 1, 0xff, 127, 0x81, 0, 5, 0, 0)
	data = append(data, floats(.5, 2)...)
	return file(`{"format":"q8/1","name":"small","note":"n","tensors":[
		{"name":"words","dtype":"utf8","shape":[3],"offset":0},
		{"name":"v","dtype":"f32","shape":[2],"offset":8},
		{"name":"m","dtype":"i8","shape":[2,3],"axis":0,"offset":16,"scales":24}]}`, data)
}

func TestReadWhatWasWritten(t *testing.T) {
	f, err := Read(small())
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "small" || f.Note != "n" {
		t.Errorf("name %q, note %q", f.Name, f.Note)
	}
	if s, err := f.Text("words"); s != "a\nb" || err != nil {
		t.Errorf("text %q, %v", s, err)
	}
	if v, err := f.Floats("v", 2); err != nil || v[0] != 1 || v[1] != 2.5 {
		t.Errorf("floats %v, %v", v, err)
	}
	m, err := f.Matrix("m", 2, 3, 0)
	if err != nil || m.Rows != 2 || m.Cols != 3 || int8(m.Values[1]) != -1 || int8(m.Values[3]) != -127 || m.Scales[1] != 2 {
		t.Errorf("matrix %+v, %v", m, err)
	}
	if m, err := f.Matrix("m", 0, 0, 0); err != nil || m.Rows != 2 || m.Cols != 3 {
		t.Errorf("matrix of any shape %+v, %v", m, err)
	}
}

// What is asked for must be there, in that form.
func TestAskingForSomethingElse(t *testing.T) {
	f, err := Read(small())
	if err != nil {
		t.Fatal(err)
	}
	for what, f := range map[string]func() error{
		"no such text":      func() error { _, err := f.Text("x"); return err },
		"text of floats":    func() error { _, err := f.Text("v"); return err },
		"no such vector":    func() error { _, err := f.Floats("x", 2); return err },
		"too many floats":   func() error { _, err := f.Floats("v", 3); return err },
		"floats of int8":    func() error { _, err := f.Floats("m", 6); return err },
		"no such matrix":    func() error { _, err := f.Matrix("x", 0, 0, 0); return err },
		"other rows":        func() error { _, err := f.Matrix("m", 3, 3, 0); return err },
		"other columns":     func() error { _, err := f.Matrix("m", 2, 2, 0); return err },
		"the other axis":    func() error { _, err := f.Matrix("m", 2, 3, 1); return err },
		"matrix of a text":  func() error { _, err := f.Matrix("words", 0, 0, 0); return err },
		"floats not finite": func() error { return notFinite() },
	} {
		if f() == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func notFinite() error {
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		f, err := Read(file(`{"format":"q8/1","tensors":[{"name":"v","dtype":"f32","shape":[2],"offset":0}]}`, floats(1, bad)))
		if err != nil {
			return nil
		}
		if _, err = f.Floats("v", 2); err == nil {
			return nil
		}
	}
	_, err := Read(nil)
	return err
}

// A file cut short anywhere, or one whose header lies, gives an error.
func TestDamagedFiles(t *testing.T) {
	whole := small()
	for n := range whole {
		if _, err := Read(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes were accepted", n, len(whole))
		}
	}
	tensors := func(s string) []byte { return file(`{"format":"q8/1","tensors":[`+s+`]}`, make([]byte, 64)) }
	for name, raw := range map[string][]byte{
		"length of 2^63":     binary.LittleEndian.AppendUint64(nil, 1<<63),
		"length of all ones": append(binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "{}"...),
		"no JSON":            file("nothing", nil),
		"deep JSON":          file(strings.Repeat("[", 100_000), nil),
		"other format":       file(`{"format":"q8/2"}`, nil),
		"two of a name":      tensors(`{"name":"a","dtype":"f32","shape":[1]},{"name":"a","dtype":"f32","shape":[1]}`),
		"unknown type":       tensors(`{"name":"a","dtype":"f64","shape":[1]}`),
		"negative offset":    tensors(`{"name":"a","dtype":"f32","shape":[1],"offset":-4}`),
		"offset past end":    tensors(`{"name":"a","dtype":"utf8","shape":[1],"offset":64}`),
		"offset far past":    tensors(`{"name":"a","dtype":"utf8","shape":[1],"offset":9223372036854775807}`),
		"too long":           tensors(`{"name":"a","dtype":"f32","shape":[17],"offset":0}`),
		"negative shape":     tensors(`{"name":"a","dtype":"f32","shape":[-1],"offset":0}`),
		"two negative":       tensors(`{"name":"a","dtype":"i8","shape":[-2,-2],"axis":0,"offset":0,"scales":0}`),
		"empty shape":        tensors(`{"name":"a","dtype":"f32","shape":[0],"offset":0}`),
		"overflowing shape":  tensors(`{"name":"a","dtype":"f32","shape":[4294967296,4294967296,4294967297],"offset":0}`),
		"int8 of one":        tensors(`{"name":"a","dtype":"i8","shape":[4],"axis":0,"offset":0,"scales":0}`),
		"int8 of three":      tensors(`{"name":"a","dtype":"i8","shape":[2,2,2],"axis":0,"offset":0,"scales":0}`),
		"axis 2":             tensors(`{"name":"a","dtype":"i8","shape":[2,2],"axis":2,"offset":0,"scales":0}`),
		"axis -1":            tensors(`{"name":"a","dtype":"i8","shape":[2,2],"axis":-1,"offset":0,"scales":0}`),
		"scales past end":    tensors(`{"name":"a","dtype":"i8","shape":[2,2],"axis":1,"offset":0,"scales":57}`),
		"negative scales":    tensors(`{"name":"a","dtype":"i8","shape":[2,2],"axis":1,"offset":0,"scales":-1}`),
	} {
		if _, err := Read(raw); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(small())
	f.Add(file(`{"format":"q8/1","tensors":[{"name":"m","dtype":"i8","shape":[2,2],"axis":1,"offset":0,"scales":4}]}`, make([]byte, 12)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		x, err := Read(raw)
		if err != nil {
			return
		}
		for name, tensor := range x.tensors {
			size := 1
			for _, d := range tensor.Shape {
				size *= d
			}
			if text, err := x.Text(name); err == nil && len(text) != size {
				t.Fatalf("text %q of %d bytes, shape %v", name, len(text), tensor.Shape)
			}
			if v, err := x.Floats(name, size); err == nil && len(v) != size {
				t.Fatalf("%d floats %q, shape %v", len(v), name, tensor.Shape)
			}
			for axis := range 2 {
				m, err := x.Matrix(name, 0, 0, axis)
				if err == nil && (len(m.Values) != m.Rows*m.Cols || len(m.Scales) != tensor.Shape[axis]) {
					t.Fatalf("matrix %q: %d values, %d scales, shape %v", name, len(m.Values), len(m.Scales), tensor.Shape)
				}
			}
		}
	})
}
