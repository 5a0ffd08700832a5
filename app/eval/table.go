package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
)

// Table is what a measurement found: a line for each thing compared.
type Table struct {
	Measurement string   `json:"measurement"`
	Conditions  string   `json:"conditions"` // on what, and how; one line
	Of          string   `json:"of"`         // what a line is
	Columns     []Column `json:"columns"`
	Lines       []Line   `json:"lines"`
}

// Column is a figure: a count, or a share of 0 to 1.
type Column struct {
	Name  string `json:"name"`
	Count bool   `json:"count"`
}

// Line is the figures of one thing, by column; NaN where there is none.
type Line struct {
	Name    string
	Figures []float64
}

// none is the figure that there is not.
func none() float64 { return math.NaN() }

// MarshalJSON writes a figure that there is not as null.
func (l Line) MarshalJSON() ([]byte, error) {
	figures := make([]*float64, len(l.Figures))
	for i, f := range l.Figures {
		if !math.IsNaN(f) {
			figures[i] = &f
		}
	}
	return json.Marshal(struct {
		Name    string     `json:"name"`
		Figures []*float64 `json:"figures"`
	}{l.Name, figures})
}

func (t *Table) add(name string, figures ...float64) {
	t.Lines = append(t.Lines, Line{name, figures})
}

// Print writes the table as Markdown, shares without their zero.
func (t *Table) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n| %s |", t.Measurement, t.Conditions, t.Of)
	for _, c := range t.Columns {
		fmt.Fprintf(&b, " %s |", c.Name)
	}
	fmt.Fprintf(&b, "\n|%s\n", strings.Repeat("---|", 1+len(t.Columns)))
	for _, l := range t.Lines {
		fmt.Fprintf(&b, "| %s |", l.Name)
		for i, f := range l.Figures {
			fmt.Fprintf(&b, " %s |", t.Columns[i].figure(f))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

func (c Column) figure(f float64) string {
	switch {
	case math.IsNaN(f):
		return "–"
	case c.Count:
		return fmt.Sprintf("%.0f", f)
	}
	s := fmt.Sprintf("%.3f", f)
	if strings.HasPrefix(s, "0.") {
		return s[1:]
	}
	return s
}

// counts and shares name columns.
func counts(names ...string) []Column { return columns(true, names) }
func shares(names ...string) []Column { return columns(false, names) }

func columns(count bool, names []string) []Column {
	out := make([]Column, len(names))
	for i, n := range names {
		out[i] = Column{n, count}
	}
	return out
}

func share(n, of int) float64 {
	if of == 0 {
		return none()
	}
	return float64(n) / float64(of)
}
