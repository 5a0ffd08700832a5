package q8

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// File is a q8/1 file. It keeps a reference to the bytes it was read from, which
// must not change.
type File struct {
	Name, Note string
	tensors    map[string]tensor
	data       []byte
}

// tensor is one entry of the header, its bounds checked.
type tensor struct {
	Name   string
	Dtype  string
	Shape  []int
	Axis   int
	Offset int
	Scales int
}

// Matrix is an int8 tensor of two dimensions. The weight at (r, c) is
// int8(Values[r*Cols+c]) * Scales[r], or * Scales[c] where Axis is 1.
type Matrix struct {
	Rows, Cols int
	Axis       int
	Values     []byte    // two's complement, Rows*Cols, part of the file: not to be changed
	Scales     []float32 // finite; one a row or a column
}

// Read checks the header of a file and the bounds of all its tensors.
func Read(raw []byte) (*File, error) {
	if len(raw) < 8 {
		return nil, errors.New("q8: shorter than its header's length")
	}
	n := binary.LittleEndian.Uint64(raw)
	if n > uint64(len(raw)-8) {
		return nil, fmt.Errorf("q8: a header of %d bytes in a file of %d", n, len(raw))
	}
	var head struct {
		Format, Name, Note string
		Tensors            []tensor
	}
	if err := json.Unmarshal(raw[8:8+n], &head); err != nil {
		return nil, fmt.Errorf("q8: header: %w", err)
	}
	if head.Format != "q8/1" {
		return nil, fmt.Errorf("q8: format %q is not q8/1", head.Format)
	}
	f := &File{Name: head.Name, Note: head.Note, tensors: make(map[string]tensor, len(head.Tensors)), data: raw[8+n:]}
	for _, t := range head.Tensors {
		if _, twice := f.tensors[t.Name]; twice {
			return nil, fmt.Errorf("q8: two tensors %q", t.Name)
		}
		if err := f.check(t); err != nil {
			return nil, fmt.Errorf("q8: tensor %q: %w", t.Name, err)
		}
		f.tensors[t.Name] = t
	}
	return f, nil
}

// check reports whether the tensor lies inside the data.
func (f *File) check(t tensor) error {
	size := 1
	for _, d := range t.Shape {
		if d <= 0 || size > len(f.data)/d {
			return fmt.Errorf("shape %v does not fit into %d bytes", t.Shape, len(f.data))
		}
		size *= d
	}
	switch t.Dtype {
	case "utf8":
		return f.bounds(t.Offset, size, 1)
	case "f32":
		return f.bounds(t.Offset, size, 4)
	case "i8":
		if len(t.Shape) != 2 || t.Axis < 0 || t.Axis > 1 {
			return fmt.Errorf("int8 of shape %v and axis %d", t.Shape, t.Axis)
		}
		if err := f.bounds(t.Offset, size, 1); err != nil {
			return err
		}
		return f.bounds(t.Scales, t.Shape[t.Axis], 4)
	}
	return fmt.Errorf("unknown type %q", t.Dtype)
}

// bounds checks n values of so many bytes at an offset; n is at most len(f.data).
func (f *File) bounds(offset, n, bytes int) error {
	if offset < 0 || offset > len(f.data) || n > (len(f.data)-offset)/bytes {
		return fmt.Errorf("%d values of %d bytes at %d lie outside of %d bytes", n, bytes, offset, len(f.data))
	}
	return nil
}

func (f *File) find(name, dtype string) (tensor, error) {
	t, ok := f.tensors[name]
	if !ok || t.Dtype != dtype {
		return t, fmt.Errorf("q8: no tensor %q of type %s", name, dtype)
	}
	return t, nil
}

// Floats returns a copy of the float32 tensor, which must hold n finite values.
func (f *File) Floats(name string, n int) ([]float32, error) {
	t, err := f.find(name, "f32")
	if err != nil {
		return nil, err
	}
	size := 1
	for _, d := range t.Shape {
		size *= d
	}
	if size != n {
		return nil, fmt.Errorf("q8: tensor %q has shape %v, not %d values", name, t.Shape, n)
	}
	return f.floats(name, t.Offset, n)
}

// Matrix returns the int8 tensor of that shape and axis of scales. rows and cols
// of 0 take whatever the file has.
func (f *File) Matrix(name string, rows, cols, axis int) (Matrix, error) {
	t, err := f.find(name, "i8")
	if err != nil {
		return Matrix{}, err
	}
	if rows != 0 && rows != t.Shape[0] || cols != 0 && cols != t.Shape[1] || axis != t.Axis {
		return Matrix{}, fmt.Errorf("q8: tensor %q has shape %v, axis %d, not %d x %d, axis %d", name, t.Shape, t.Axis, rows, cols, axis)
	}
	size := t.Shape[0] * t.Shape[1]
	m := Matrix{Rows: t.Shape[0], Cols: t.Shape[1], Axis: t.Axis, Values: f.data[t.Offset : t.Offset+size : t.Offset+size]}
	m.Scales, err = f.floats(name, t.Scales, t.Shape[t.Axis])
	return m, err
}

// Text returns the utf8 tensor.
func (f *File) Text(name string) (string, error) {
	t, err := f.find(name, "utf8")
	if err != nil {
		return "", err
	}
	size := 1
	for _, d := range t.Shape {
		size *= d
	}
	b := f.data[t.Offset : t.Offset+size]
	if !utf8.Valid(b) {
		return "", fmt.Errorf("q8: tensor %q is not UTF-8", name)
	}
	return string(b), nil
}

func (f *File) floats(name string, offset, n int) ([]float32, error) {
	v := make([]float32, n)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(f.data[offset+4*i:]))
		if v[i]-v[i] != 0 { // NaN and the infinities
			return nil, fmt.Errorf("q8: tensor %q is not finite at %d", name, i)
		}
	}
	return v, nil
}
