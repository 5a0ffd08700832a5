package files

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// Masking goes through a long text in windows, so that it takes a few megabytes
// whatever the text's length. A secret is looked for with lookBehind and at least
// lookAhead bytes around it: longer than any that the rules know.
const (
	window     = 128 << 10
	lookBehind = 8 << 10
	lookAhead  = 16 << 10
)

// text is what is kept of a text file.
func (f *File) text(r *redact.Redactor, body []byte) ([]byte, []redact.Finding, error) {
	s, ok := decodeText(body)
	if !ok {
		return nil, nil, models.BadField(Field, "file_type", f.Name)
	}
	if isMarkup(s) {
		return nil, nil, models.BadField(Field, "file_type", f.Name)
	}
	masked, found := Mask(r, s)
	return []byte(masked), found, nil
}

// isMarkup: a page or a drawing that a browser would run is no text.
func isMarkup(s string) bool {
	s = strings.ToLower(strings.TrimLeft(s[:min(len(s), 1024)], " \t\r\n\ufeff"))
	for strings.HasPrefix(s, "<!--") {
		_, rest, ok := strings.Cut(s, "-->")
		if !ok {
			return true
		}
		s = strings.TrimLeft(rest, " \t\r\n")
	}
	for _, tag := range []string{"<!doctype", "<html", "<svg", "<?xml", "<script", "<body", "<head", "<?php"} {
		if strings.HasPrefix(s, tag) {
			return true
		}
	}
	return false
}

// Mask is redact.Mask for texts of any length. Offsets of the findings are not
// kept: there is no place for them.
func Mask(r *redact.Redactor, s string) (string, []redact.Finding) {
	var out strings.Builder
	var all []redact.Finding
	out.Grow(len(s))
	done := 0 // up to where s was written out
	for done < len(s) {
		from := runeStart(s, max(0, done-lookBehind))
		to := runeStart(s, min(len(s), done+window))
		last := to == len(s)
		_, found := r.Mask(s[from:to])
		cut := to
		if !last {
			cut = lineStart(s, to-lookAhead, done)
		}
		for _, f := range found { // one that begins before the cut is masked whole
			start, end := max(from+f.Start, done), from+f.End
			if end <= done || start >= cut {
				continue
			}
			out.WriteString(s[done:start])
			out.WriteString("‹" + f.Rule + " ···›") // as redact writes it
			done = end
			f.Start, f.End = 0, 0
			all = append(all, f)
		}
		if done < cut {
			out.WriteString(s[done:cut])
			done = cut
		}
	}
	return out.String(), all
}

// runeStart moves back to where a character begins.
func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

// lineStart is the beginning of the line that i is in, or the beginning of the
// character where the line is long; always after least.
func lineStart(s string, i, least int) int {
	if nl := strings.LastIndexByte(s[max(least, i-4096):i], '\n'); nl >= 0 {
		if at := max(least, i-4096) + nl + 1; at > least {
			return at
		}
	}
	return runeStart(s, i)
}

// decodeText reads bytes as text: UTF-8, UTF-16 with its mark, or the Chinese
// encoding of Windows. Control characters that only a terminal obeys are dropped.
// ok is false for what is no text.
func decodeText(body []byte) (s string, ok bool) {
	switch {
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}), bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		s = utf16Text(body)
	case utf8.Valid(body):
		s = strings.TrimPrefix(string(body), "\ufeff")
	default:
		b, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
		if err != nil || bytes.ContainsRune(b, utf8.RuneError) {
			return "", false
		}
		if s = string(b); !readsChinese(s) {
			return "", false
		}
	}
	if strings.ContainsRune(s, 0) || strings.ContainsRune(s, utf8.RuneError) && !utf8.Valid(body) {
		return "", false
	}
	controls := 0
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' && c != '\r' {
			controls++
			return -1
		}
		return c
	}, s)
	return s, controls*20 <= len(s)
}

func utf16Text(body []byte) string {
	big := body[0] == 0xfe
	units := make([]uint16, 0, len(body)/2)
	for i := 2; i+1 < len(body); i += 2 {
		u := uint16(body[i]) | uint16(body[i+1])<<8
		if big {
			u = uint16(body[i])<<8 | uint16(body[i+1])
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

// readsChinese: any two bytes are some character of that encoding, so most of
// what is not ASCII must be ordinary Chinese.
func readsChinese(s string) bool {
	han, other := 0, 0
	for _, c := range s {
		switch {
		case c < 0x80:
		case 0x4e00 <= c && c <= 0x9fff, 0x3000 <= c && c <= 0x303f, 0xff00 <= c && c <= 0xffef:
			han++
		default:
			other++
		}
	}
	return han > 3*other
}
