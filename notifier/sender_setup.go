package notifier

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/heedhq/heed/auth"
)

// lookTime bounds all look-ups of one visit.
const lookTime = 5 * time.Second

// States of a published record.
const (
	RecordRight   = "right"
	RecordLacks   = "lacks"
	RecordMissing = "missing"
	RecordUnknown = "unknown" // the look-up failed
)

// SenderRecord is one record that receivers ask for. Value is what to publish under Name,
// "" where it comes from the relay or nothing is to be done. State is "" before anybody looked. Problem is a
// code that says what it lacks, and What the thing itself.
type SenderRecord struct {
	Kind    string // spf, dkim, dmarc, mx
	Name    string
	Type    string
	Value   string
	Found   []string
	State   string
	Problem string
	What    string
}

// SenderSetup is what the domain of the sender has to publish so that its mail arrives.
// Records is empty for a sender without a domain of the internet (Local).
type SenderSetup struct {
	From     string
	Domain   string
	Returns  string // the domain that bounces come back to
	Selector string
	Local    bool
	Looked   bool
	Records  []SenderRecord
}

// SenderSetup lists the records to publish; look asks the DNS for what stands there,
// for at most 5 seconds. selector "" is the configured one. Needs auth.Administer.
func (n *Notifier) SenderSetup(ctx context.Context, a auth.Actor, selector string, look bool) (SenderSetup, error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return SenderSetup{}, err
	}
	if selector == "" {
		selector = n.o.DKIMSelector
	}
	s := SenderSetup{From: n.o.Renderer.from.Address, Selector: clip(oneWord(selector), 63)}
	_, s.Domain, _ = cutLast(strings.ToLower(s.From), "@")
	s.Returns = s.Domain
	if n.bounces.isSet() {
		s.Returns = n.bounces.domain
	}
	if s.Local = !strings.Contains(s.Domain, "."); s.Local {
		return s, nil
	}
	mechanisms := n.relayMechanisms()
	s.Records = []SenderRecord{
		{Kind: "spf", Name: s.Returns, Type: "TXT", Value: "v=spf1 " + mechanisms + " ~all"},
		{Kind: "dkim", Type: "TXT"},
		{Kind: "dmarc", Name: "_dmarc." + s.Domain, Type: "TXT", Value: "v=DMARC1; p=quarantine; rua=mailto:postmaster@" + s.Domain},
	}
	if s.Selector != "" {
		s.Records[1].Name = s.Selector + "._domainkey." + s.Domain
	}
	if n.bounces.isSet() {
		s.Records = append(s.Records, SenderRecord{Kind: "mx", Name: s.Returns, Type: "MX"})
	}
	if !look {
		return s, nil
	}
	s.Looked = true
	n.look(ctx, s.Records, mechanisms)
	if r := &s.Records[0]; r.State == RecordRight && organization(s.Returns) != organization(s.Domain) {
		r.Problem = "spf_unaligned"
	}
	return s, nil
}

// relayMechanisms is what lets the relay send for the domain: as configured, else the host
// that is sent through – this one, where the relay runs beside Heed.
func (n *Notifier) relayMechanisms() string {
	if n.o.SPF != "" {
		return n.o.SPF
	}
	host := n.o.Renderer.hostname
	if n.o.Pool != nil {
		relay := n.o.Pool.relay.host
		if ip := net.ParseIP(relay); relay != "localhost" && (ip == nil || !ip.IsLoopback()) {
			host = relay
		}
	}
	switch ip := net.ParseIP(host); {
	case host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsPrivate()):
		return "a mx" // nobody out there knows it by that address
	case ip == nil:
		return "a:" + host
	case ip.To4() != nil:
		return "ip4:" + host
	}
	return "ip6:" + host
}

func organization(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return org
	}
	return domain
}

// look asks for all records at once.
func (n *Notifier) look(ctx context.Context, records []SenderRecord, mechanisms string) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	q := lookup{resolver: n.o.Resolver, sure: n.o.SPF != ""}
	if q.resolver == nil {
		q.resolver = net.DefaultResolver
	}
	var all sync.WaitGroup
	for i := range records {
		r := &records[i]
		all.Go(func() {
			switch r.Kind {
			case "spf":
				q.spf(ctx, r, strings.Fields(mechanisms))
			case "dkim":
				q.dkim(ctx, r)
			case "dmarc":
				q.dmarc(ctx, r)
			case "mx":
				q.mx(ctx, r)
			}
		})
	}
	all.Wait()
}
