package notifier

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"strings"
)

// lookup reads what a domain publishes about mail. sure: somebody configured what allows
// the relay to send; else it is a guess from the relay's name.
type lookup struct {
	resolver *net.Resolver
	sure     bool
}

// texts are the TXT records of a name that begin with a version tag. An error fills the
// record, and ok is false.
func (q lookup) texts(ctx context.Context, r *SenderRecord, name, version string) (found []string, ok bool) {
	all, err := q.resolver.LookupTXT(ctx, name+".")
	if failed(r, err) {
		return nil, false
	}
	for _, t := range all {
		t = strings.TrimSpace(oneLine(t))
		if after, is := cutFold(t, version); is && (version == "" || after == "" || strings.ContainsAny(after[:1], " ;\t")) {
			found = append(found, clip(t, 1000))
		}
	}
	return found, true
}

// failed notes that a look-up failed; that there is no such name is no failure.
func failed(r *SenderRecord, err error) bool {
	var dns *net.DNSError
	if err == nil || errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	r.State, r.Problem, r.What = RecordUnknown, "dns_failed", parseAnswer(0, err.Error()).Text
	return true
}

func cutFold(s, prefix string) (after string, found bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

func (r *SenderRecord) lacks(problem, what string) {
	r.State, r.Problem, r.What = RecordLacks, problem, what
}

func (q lookup) spf(ctx context.Context, r *SenderRecord, want []string) {
	found, ok := q.texts(ctx, r, r.Name, "v=spf1")
	if !ok {
		return
	}
	r.Found = found
	switch len(found) {
	case 0:
		r.State = RecordMissing
		return
	case 1:
	default:
		r.lacks("spf_two", "")
		return
	}
	terms := strings.Fields(strings.ToLower(found[0]))[1:]
	has := map[string]bool{}
	guessable := false
	for _, t := range terms {
		if t == "all" || t == "+all" {
			r.lacks("spf_all", "~all")
			return
		}
		has[strings.TrimPrefix(t, "+")] = true
		guessable = guessable || strings.HasPrefix(strings.TrimLeft(t, "+?"), "include:") || strings.HasPrefix(t, "redirect=")
	}
	for _, m := range want {
		if !has[strings.ToLower(m)] {
			r.Value = mendSPF(found[0], want)
			if r.lacks("spf_lacks", m); guessable && !q.sure {
				r.Problem = "spf_unsure"
			}
			return
		}
	}
	r.State, r.Value = RecordRight, ""
}

// mendSPF adds what a record lacks, before its last word on all others.
func mendSPF(record string, want []string) string {
	terms := strings.Fields(record)
	var added, out []string
	for _, m := range want {
		if !strings.Contains(" "+strings.ToLower(record)+" ", " "+strings.ToLower(m)+" ") {
			added = append(added, m)
		}
	}
	for i, t := range terms {
		if i > 0 && (strings.HasSuffix(strings.ToLower(t), "all") && len(t) <= 4 || strings.HasPrefix(strings.ToLower(t), "redirect=")) {
			out, added = append(out, added...), nil
		}
		out = append(out, t)
	}
	return strings.Join(append(out, added...), " ")
}

func (q lookup) dkim(ctx context.Context, r *SenderRecord) {
	if r.Name == "" {
		r.State, r.Problem = RecordUnknown, "dkim_selector"
		return
	}
	found, ok := q.texts(ctx, r, r.Name, "")
	if !ok {
		return
	}
	r.Found = found
	if len(found) == 0 {
		r.State = RecordMissing
		return
	}
	t := tags(found[0])
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(t["p"]), ""))
	_, keyed := t["p"]
	switch {
	case len(found) > 1:
		r.lacks("dkim_two", "")
	case !keyed || t["v"] != "" && t["v"] != "DKIM1" || err != nil:
		r.lacks("dkim_broken", "p=")
	case len(raw) == 0:
		r.lacks("dkim_revoked", "p=")
	default:
		r.State = RecordRight
		if t["k"] == "" || t["k"] == "rsa" {
			q.rsaKey(r, raw)
		}
	}
}

func (q lookup) rsaKey(r *SenderRecord, raw []byte) {
	key, err := x509.ParsePKIXPublicKey(raw)
	if err != nil {
		r.lacks("dkim_broken", "p=")
		return
	}
	if k, ok := key.(*rsa.PublicKey); ok && k.N.BitLen() < 1024 {
		r.lacks("dkim_short", "2048")
	}
}

func (q lookup) dmarc(ctx context.Context, r *SenderRecord) {
	domain := strings.TrimPrefix(r.Name, "_dmarc.")
	found, ok := q.texts(ctx, r, r.Name, "v=DMARC1")
	if !ok {
		return
	}
	policy := "p"
	if org := organization(domain); len(found) == 0 && org != domain {
		if found, ok = q.texts(ctx, r, "_dmarc."+org, "v=DMARC1"); !ok {
			return
		}
		if len(found) == 1 && tags(found[0])["sp"] != "" {
			policy = "sp"
		}
	}
	r.Found = found
	switch {
	case len(found) == 0:
		r.State = RecordMissing
	case len(found) > 1:
		r.lacks("dmarc_two", "")
	default:
		switch strings.ToLower(tags(found[0])[policy]) {
		case "quarantine", "reject":
			r.State, r.Value = RecordRight, ""
		case "none":
			r.lacks("dmarc_none", policy+"=quarantine")
		default:
			r.lacks("dmarc_broken", "p=quarantine")
		}
	}
}

func (q lookup) mx(ctx context.Context, r *SenderRecord) {
	found, err := q.resolver.LookupMX(ctx, r.Name+".")
	if len(found) == 0 && failed(r, err) {
		return
	}
	for _, m := range found {
		if host := strings.TrimSuffix(m.Host, "."); host != "" {
			r.Found = append(r.Found, host)
		}
	}
	if r.State = RecordRight; len(r.Found) == 0 {
		r.State = RecordMissing
	}
}

// tags reads "a=b; c=d".
func tags(record string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(record, ";") {
		name, value, ok := strings.Cut(part, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := out[name]; ok && !twice {
			out[name] = strings.TrimSpace(value)
		}
	}
	return out
}
