package models

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Text is a text for people in up to two languages. In JSON it is a string
// (language not named, kept under Any) or an object {en, zh}. Empty when all
// parts are.
type Text struct {
	EN  string `json:"en,omitempty"`
	ZH  string `json:"zh,omitempty"`
	Any string `json:"-"`
}

// IsEmpty reports whether there is no text in any language.
func (t Text) IsEmpty() bool { return t.EN == "" && t.ZH == "" && t.Any == "" }

// In returns the text for a reader of locale ("en", "zh") and the language it
// is written in: the reader's own where it exists, else the other one. lang is
// "" for a text whose language nobody named.
func (t Text) In(locale string) (text, lang string) {
	first, second, other := t.EN, t.ZH, "zh"
	if locale == "zh" {
		first, second, other = t.ZH, t.EN, "en"
	}
	switch {
	case first != "":
		return first, locale
	case t.Any != "":
		return t.Any, ""
	default:
		return second, other
	}
}

// Lacks reports whether a reader of locale would get another language's text.
func (t Text) Lacks(locale string) bool {
	_, lang := t.In(locale)
	return !t.IsEmpty() && lang != "" && lang != locale
}

// Map applies f to every part that is there.
func (t Text) Map(f func(string) string) Text {
	for _, p := range []*string{&t.EN, &t.ZH, &t.Any} {
		if *p != "" {
			*p = f(*p)
		}
	}
	return t
}

// MarshalJSON writes a string for a text of unnamed language, else an object.
func (t Text) MarshalJSON() ([]byte, error) {
	if t.Any != "" || t.IsEmpty() {
		return json.Marshal(t.Any)
	}
	type plain Text
	return json.Marshal(plain(t))
}

// UnmarshalJSON reads both forms; other languages are refused by name.
func (t *Text) UnmarshalJSON(b []byte) error {
	*t = Text{}
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &t.Any)
	}
	type plain Text
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode((*plain)(t)); err != nil {
		return fmt.Errorf("text: want a string or {en, zh}: %w", err)
	}
	return nil
}

// Value stores the text as its JSON form, "" when empty.
func (t Text) Value() (driver.Value, error) {
	if t.IsEmpty() {
		return "", nil
	}
	b, err := t.MarshalJSON()
	return string(b), err
}

// Scan reads what Value wrote.
func (t *Text) Scan(v any) error {
	var b []byte
	switch x := v.(type) {
	case nil:
	case string:
		b = []byte(x)
	case []byte:
		b = x
	default:
		return fmt.Errorf("text: cannot scan %T", v)
	}
	*t = Text{}
	if len(b) == 0 {
		return nil
	}
	return t.UnmarshalJSON(b)
}

// JSON is a column that holds a value of T as JSON text.
type JSON[T any] struct{ V T }

// AsJSON wraps v for storing.
func AsJSON[T any](v T) JSON[T] { return JSON[T]{V: v} }

// Value stores the JSON text.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan reads what Value wrote; an empty column leaves the zero value.
func (j *JSON[T]) Scan(v any) error {
	var zero T
	j.V = zero
	switch x := v.(type) {
	case nil:
		return nil
	case string:
		if x == "" {
			return nil
		}
		return json.Unmarshal([]byte(x), &j.V)
	case []byte:
		if len(x) == 0 {
			return nil
		}
		return json.Unmarshal(x, &j.V)
	default:
		return fmt.Errorf("json column: cannot scan %T", v)
	}
}
