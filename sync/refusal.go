package issuesync

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// end is how a request ended that did not succeed.
type end int

const (
	unsent    end = iota // nothing left this machine: safe to repeat
	lost                 // it may have been carried out: look before repeating
	limited              // refused until a time, not carried out
	refused              // refused for a reason, not carried out
	unchanged            // what was read before still holds
)

// trouble is the one error of a request. Status is 0 without an answer; message
// is GitHub's own, fit to be shown to staff.
type trouble struct {
	end     end
	signIn  bool // refused: it is about who we are, not about what was asked
	status  int
	message string
	until   time.Time // limited: by the store's clock
}

func (t *trouble) Error() string {
	if t.status == 0 {
		return "github: " + t.message
	}
	return fmt.Sprintf("github: %d %s", t.status, t.message)
}

// asTrouble finds the trouble in err; nil when the error is none of GitHub's.
func asTrouble(err error) *trouble {
	t, _ := errors.AsType[*trouble](err)
	return t
}

// detail is what a person reads behind our own words.
func (t *trouble) detail() string {
	if t.status == 0 {
		return t.message
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", t.status, t.message))
}

// code names our words for it in the catalogs.
func (t *trouble) code() string {
	switch {
	case t.end == unsent:
		return codeUnreachable
	case t.end == limited:
		return codeLimited
	case t.end == lost:
		return codeUnsure
	case t.signIn || t.status == http.StatusUnauthorized:
		return codeToken
	case t.status == http.StatusForbidden:
		return codeForbidden
	case t.status == http.StatusNotFound:
		return codeNotFound
	case t.status == http.StatusGone:
		return codeIssuesOff
	default:
		return codeRejected
	}
}

// mends reports whether the refusal may end without a change on our side: a
// token renewed, a right given, a repository made.
func (t *trouble) mends() bool {
	return t.signIn || t.status == http.StatusUnauthorized || t.status == http.StatusForbidden || t.status == http.StatusNotFound
}

// vanished reports whether the thing asked for is not there, or not for us.
func (t *trouble) vanished() bool {
	return t.end == refused && (t.status == http.StatusNotFound || t.status == http.StatusGone)
}

// classify reads the trouble out of an answer that is neither a success nor a
// redirect. go-github would miss 429 and some secondary limits, so the status
// and the headers are judged here; GitHub's words only where a secondary limit
// comes without any header.
func classify(status int, h http.Header, body []byte) *trouble {
	t := &trouble{end: refused, status: status, message: words(status, body)}
	switch {
	case status == http.StatusNotModified:
		t.end = unchanged
	case status >= 500 || status == http.StatusRequestTimeout:
		t.end = lost
	case status == http.StatusTooManyRequests,
		status == http.StatusForbidden && (h.Get("Retry-After") != "" || h.Get("X-RateLimit-Remaining") == "0" || speaksOfLimit(body)):
		t.end = limited
	}
	return t
}

func speaksOfLimit(body []byte) bool {
	s := strings.ToLower(string(body))
	return strings.Contains(s, "rate limit") || strings.Contains(s, "abuse detection")
}

// words is GitHub's message with what it says about single fields; for pages
// that are no JSON the status must do.
func words(status int, body []byte) string {
	var m struct {
		Message string `json:"message"`
		Errors  []struct {
			Message, Field, Code string
		} `json:"errors"`
	}
	if json.Unmarshal(body, &m) != nil && m.Message == "" {
		return http.StatusText(status)
	}
	out := m.Message
	for _, e := range m.Errors {
		if e.Message == "" {
			e.Message = strings.TrimSpace(e.Field + " " + e.Code)
		}
		if e.Message != "" {
			out += "; " + e.Message
		}
	}
	return clip(out, 300)
}

// pause is how long to be silent after the n-th limit in a row (from 0): the
// longest of what GitHub asks for and our own growing patience.
func pause(h http.Header, server time.Time, base time.Duration, n int) time.Duration {
	d := base << min(n, 6)
	d += rand.N(d/10 + 1)
	if s := h.Get("Retry-After"); s != "" {
		if sec, err := strconv.Atoi(s); err == nil {
			d = max(d, time.Duration(sec)*time.Second)
		} else if at, err := http.ParseTime(s); err == nil {
			d = max(d, at.Sub(server))
		}
	}
	if sec, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil && h.Get("X-RateLimit-Remaining") == "0" {
		d = max(d, time.Unix(sec, 0).Sub(server)+time.Second) // the second it names must be over
	}
	return d
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
