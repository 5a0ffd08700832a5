package config

import (
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"
)

// Emergency is how the team hears of stolen assets, of secrets that were sent and
// of weaknesses of the product.
type Emergency struct {
	AlertTo     string        // roles and addresses, separated by commas; see Alerted
	Realert     time.Duration // until somebody acknowledges; 0: once
	ReplyWithin time.Duration // the clock of the first reply; 0: none
}

// Redact is what is masked besides secrets.
type Redact struct {
	Email bool
	Phone bool
}

// Alerted are the roles and addresses of AlertTo, in lower case.
func (e Emergency) Alerted() []string {
	var out []string
	for part := range strings.SplitSeq(e.AlertTo, ",") {
		if part = strings.ToLower(strings.TrimSpace(part)); part != "" {
			out = append(out, part)
		}
	}
	return out
}

var memberRoles = []string{"owner", "admin", "pm", "support"}

func alertTo(s string) (string, error) {
	for _, to := range (Emergency{AlertTo: s}).Alerted() {
		if slices.Contains(memberRoles, to) {
			continue
		}
		if a, err := mail.ParseAddress(to); err != nil || a.Name != "" || a.Address != to {
			return "", errors.New("has a part that is neither a role nor an address")
		}
	}
	if len(Emergency{AlertTo: s}.Alerted()) == 0 {
		return "", errors.New("alerts nobody")
	}
	return s, nil
}

func yes(name string, p *bool) key {
	return key{name: name, allowed: "true or false",
		get: func() string {
			if *p {
				return "true"
			}
			return "false"
		},
		set: func(s string) error {
			if s != "true" && s != "false" {
				return errors.New("is neither of them")
			}
			*p = s == "true"
			return nil
		}}
}
