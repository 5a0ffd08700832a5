package redact

import (
	"strings"
	"unicode"
)

// Name is what somebody is called, as it may be kept: as it stands but for characters that
// nobody sees, which can turn the line around it stands in; or "" where it
// holds a secret or reads like a recovery phrase with a slip. Nobody is called so, and
// a name stands where everybody reads it, so that neither the secret nor its mask is
// one. Everything found was removed with the name: no finding is a Warning.
func (r *Redactor) Name(name string) (kept string, findings []Finding) {
	name = Visible(name)
	masked, findings := r.Mask(name)
	for _, f := range r.Warn(masked) {
		f.Warning = false
		findings = append(findings, f)
	}
	if len(findings) > 0 || strings.Contains(name, maskOpen) && strings.Contains(name, maskClose) {
		return "", findings
	}
	return name, nil
}

// Visible is a name without characters that nobody sees, which can turn the line around it
// stands in. What joins or parts two letters stays: names are spelt with it.
func Visible(name string) string {
	const joiners = "\u200c\u200d"
	words := strings.Fields(strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Cf, c) && !strings.ContainsRune(joiners, c) {
			return -1
		}
		return c
	}, name))
	for i, w := range words {
		words[i] = strings.Trim(w, joiners)
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// Token is what stands where a secret of that rule was masked.
func Token(rule string) string { return maskOpen + rule + maskClose }
