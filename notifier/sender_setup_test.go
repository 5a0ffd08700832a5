package notifier

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

var admin = auth.Actor{Kind: models.ActorMember, ID: "mem_2", Name: "Olu", Email: "olu@team.example", Role: models.RoleAdmin}

// zone is a real name server on loopback. A name with the value "SERVFAIL" fails.
type zone struct {
	mu   sync.Mutex
	txt  map[string][]string
	mx   map[string]string
	addr string
}

func startZone(t *testing.T) *zone {
	t.Helper()
	z := &zone{}
	var pc net.PacketConn
	l, err := net.Listen("tcp", "127.0.0.1:0") // for answers that are too long for UDP
	for range 20 {                             // until a port is free for both
		if err != nil {
			t.Fatal(err)
		}
		if pc, err = net.ListenPacket("udp", l.Addr().String()); err == nil {
			break
		}
		l.Close()
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if pc == nil {
		t.Fatal("no port is free for both")
	}
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: z}, {Listener: l, Handler: z}} {
		go s.ActivateAndServe()
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	z.addr = pc.LocalAddr().String()
	return z
}

func (z *zone) ServeDNS(w dns.ResponseWriter, r *dns.Msg) {
	z.mu.Lock()
	defer z.mu.Unlock()
	m := new(dns.Msg)
	m.SetReply(r)
	q := r.Question[0]
	name := strings.TrimSuffix(strings.ToLower(q.Name), ".")
	head := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 1}
	m.Rcode = dns.RcodeNameError
	for _, t := range z.txt[name] {
		if t == "SERVFAIL" {
			m.Rcode = dns.RcodeServerFailure
			break
		}
		if m.Rcode = dns.RcodeSuccess; q.Qtype == dns.TypeTXT {
			var parts []string
			for ; len(t) > 255; t = t[255:] {
				parts = append(parts, t[:255])
			}
			m.Answer = append(m.Answer, &dns.TXT{Hdr: head, Txt: append(parts, t)})
		}
	}
	if host := z.mx[name]; host != "" && q.Qtype == dns.TypeMX {
		m.Rcode, m.Answer = dns.RcodeSuccess, append(m.Answer, &dns.MX{Hdr: head, Preference: 10, Mx: host + "."})
	}
	if len(m.Answer) > 0 && w.LocalAddr().Network() == "udp" && m.Len() > 512 {
		m.Truncated, m.Answer = true, nil
	}
	_ = w.WriteMsg(m)
}

func (z *zone) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, z.addr)
	}}
}

func rsaRecord(t *testing.T, bits int) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// What is published for the sender's domain, what it is said to lack, and how to mend it.
func TestPublishedRecordsAreJudged(t *testing.T) {
	z := startZone(t)
	h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), nil)
	const spf, dkim, dmarc = "acme.example", "s1._domainkey.acme.example", "_dmarc.acme.example"
	good := rsaRecord(t, 2048)
	cases := map[string]struct {
		kind    string
		txt     map[string][]string
		state   string
		problem string
		what    string
		value   string
	}{
		"no spf":               {"spf", nil, RecordMissing, "", "", "v=spf1 include:spf.relay.example ~all"},
		"right":                {"spf", map[string][]string{spf: {"v=spf1 mx include:spf.relay.example -all", "google-site-verification=x"}}, RecordRight, "", "", ""},
		"in capitals":          {"spf", map[string][]string{spf: {"V=SPF1 Include:SPF.relay.example -ALL"}}, RecordRight, "", "", ""},
		"another relay":        {"spf", map[string][]string{spf: {"v=spf1 include:other.example mx -all"}}, RecordLacks, "spf_lacks", "include:spf.relay.example", "v=spf1 include:other.example mx include:spf.relay.example -all"},
		"no end":               {"spf", map[string][]string{spf: {"v=spf1 mx"}}, RecordLacks, "spf_lacks", "include:spf.relay.example", "v=spf1 mx include:spf.relay.example"},
		"two":                  {"spf", map[string][]string{spf: {"v=spf1 mx -all", "v=spf1 include:spf.relay.example ~all"}}, RecordLacks, "spf_two", "", "v=spf1 include:spf.relay.example ~all"},
		"everybody":            {"spf", map[string][]string{spf: {"v=spf1 include:spf.relay.example +all"}}, RecordLacks, "spf_all", "~all", "v=spf1 include:spf.relay.example ~all"},
		"another version":      {"spf", map[string][]string{spf: {"v=spf10 include:spf.relay.example ~all"}}, RecordMissing, "", "", "v=spf1 include:spf.relay.example ~all"},
		"the server fails":     {"spf", map[string][]string{spf: {"SERVFAIL"}}, RecordUnknown, "dns_failed", "*", "v=spf1 include:spf.relay.example ~all"},
		"no key":               {"dkim", nil, RecordMissing, "", "", ""},
		"a key":                {"dkim", map[string][]string{dkim: {good}}, RecordRight, "", "", ""},
		"an Ed25519 key":       {"dkim", map[string][]string{dkim: {"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}}, RecordRight, "", "", ""},
		"a key withdrawn":      {"dkim", map[string][]string{dkim: {"v=DKIM1; p="}}, RecordLacks, "dkim_revoked", "p=", ""},
		"half a key":           {"dkim", map[string][]string{dkim: {good[:200]}}, RecordLacks, "dkim_broken", "p=", ""},
		"no key in the record": {"dkim", map[string][]string{dkim: {"v=DKIM1; k=rsa"}}, RecordLacks, "dkim_broken", "p=", ""},
		"two keys":             {"dkim", map[string][]string{dkim: {good, good + " "}}, RecordLacks, "dkim_two", "", ""},
		"no dmarc":             {"dmarc", nil, RecordMissing, "", "", "v=DMARC1; p=quarantine; rua=mailto:postmaster@acme.example"},
		"reject":               {"dmarc", map[string][]string{dmarc: {"v=DMARC1; p=reject"}}, RecordRight, "", "", ""},
		"only watching":        {"dmarc", map[string][]string{dmarc: {"v=DMARC1;p=none;"}}, RecordLacks, "dmarc_none", "p=quarantine", "v=DMARC1; p=quarantine; rua=mailto:postmaster@acme.example"},
		"no policy":            {"dmarc", map[string][]string{dmarc: {"v=DMARC1; rua=mailto:x@acme.example"}}, RecordLacks, "dmarc_broken", "p=quarantine", "v=DMARC1; p=quarantine; rua=mailto:postmaster@acme.example"},
		"two policies":         {"dmarc", map[string][]string{dmarc: {"v=DMARC1; p=none", "v=DMARC1; p=reject"}}, RecordLacks, "dmarc_two", "", "v=DMARC1; p=quarantine; rua=mailto:postmaster@acme.example"},
	}
	n, _ := h.ledger(h.db, func(o *LedgerOptions) {
		o.Resolver, o.SPF, o.DKIMSelector = z.resolver(), "include:spf.relay.example", "s1"
	})
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			z.mu.Lock()
			z.txt = c.txt
			z.mu.Unlock()
			s, err := n.SenderSetup(t.Context(), admin, "", true)
			if err != nil || len(s.Records) != 3 {
				t.Fatalf("%+v %v", s, err)
			}
			for _, r := range s.Records {
				if r.Kind != c.kind {
					continue
				}
				if c.what == "*" && r.What != "" {
					c.what = r.What
				}
				if r.State != c.state || r.Problem != c.problem || r.What != c.what || r.Value != c.value {
					t.Errorf("%+v, want %+v", r, c)
				}
			}
		})
	}
}

func TestTheSetUpKnowsItsDomains(t *testing.T) {
	z := startZone(t)
	h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), nil)
	z.mx, z.txt = map[string]string{"mail.example.net": "mx.example.net"}, map[string][]string{"mail.example.net": {"v=spf1 a:heed.acme.example ~all"}}
	n, _ := h.ledger(h.db, func(o *LedgerOptions) { o.Resolver, o.BounceAddress = z.resolver(), "bounces@mail.example.net" })
	s, err := n.SenderSetup(t.Context(), admin, "", true)
	if err != nil || len(s.Records) != 4 {
		t.Fatalf("%+v %v", s, err)
	}
	// Bounces come back to another domain: SPF stands there, and vouches for nothing in DMARC's eyes.
	if r := s.Records[0]; r.Name != "mail.example.net" || r.State != RecordRight || r.Problem != "spf_unaligned" {
		t.Errorf("spf %+v", r)
	}
	if r := s.Records[1]; r.State != RecordUnknown || r.Problem != "dkim_selector" {
		t.Errorf("dkim %+v", r)
	}
	if r := s.Records[3]; r.Kind != "mx" || r.State != RecordRight || len(r.Found) != 1 || r.Found[0] != "mx.example.net" {
		t.Errorf("mx %+v", r)
	}
	if s, err := n.SenderSetup(t.Context(), admin, "s9", false); err != nil || s.Looked || s.Records[1].Name != "s9._domainkey.acme.example" || s.Records[1].State != "" {
		t.Errorf("unasked, it looked: %+v %v", s, err)
	}
	if _, err := n.SenderSetup(t.Context(), staff, "", true); models.KindOf(err) != models.Forbidden {
		t.Errorf("a product manager: %v", err)
	}
	// Of a sender below the organization's domain, the organization's policy counts.
	z.mu.Lock()
	z.txt = map[string][]string{"_dmarc.acme.example": {"v=DMARC1; p=reject; sp=none"}}
	z.mu.Unlock()
	r := SenderRecord{Kind: "dmarc", Name: "_dmarc.news.acme.example"}
	(lookup{resolver: z.resolver()}).dmarc(t.Context(), &r)
	if r.State != RecordLacks || r.What != "sp=quarantine" {
		t.Errorf("dmarc of a subdomain: %+v", r)
	}
}

// The mail of the test page goes to who asks, and what went wrong is told in words.
func TestATestMailSaysWhatTheRelaySaid(t *testing.T) {
	h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), nil)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	script := func(verb, answer string) func(*LedgerOptions) {
		return func(o *LedgerOptions) {
			o.NowPool = startRelay(t, &scriptedRelay{answer: func(_ int, v, _ string) string {
				if v == verb {
					return answer
				}
				return ""
			}}).pool(t, nil)
		}
	}
	at := func(url string) func(*LedgerOptions) {
		return func(o *LedgerOptions) {
			p, err := NewPool(Options{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			o.NowPool = p
		}
	}
	cases := map[string]struct {
		relay   func(*LedgerOptions)
		problem string
		detail  string
	}{
		"accepted":      {nil, "", ""},
		"no relay":      {func(o *LedgerOptions) { o.Pool, o.NowPool = nil, nil }, trialNoRelay, ""},
		"nobody there":  {at("smtp://" + dead.Addr().String()), trialUnreached, "refused"},
		"no such host":  {at("smtp://relay.invalid:25"), trialUnfound, "relay.invalid"},
		"no encryption": {at("smtp+starttls://" + h.sink.Addr()), trialTLS, "STARTTLS"},
		"no sign-in":    {at("smtp://user:secret@" + h.sink.Addr()), trialSignIn, "AUTH"},
		"sender":        {script("MAIL", "550 5.7.1 not yours"), trialSender, "550 5.7.1 not yours"},
		"recipient":     {script("RCPT", "550 5.7.1 relaying denied"), trialRecipient, "relaying denied"},
		"content":       {script("DOT", "554 5.7.1 spam"), trialContent, "554 5.7.1 spam"},
		"not now":       {script("RCPT", "451 4.7.1 greylisted"), trialLater, "451"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n, _ := h.ledger(h.db, c.relay)
			got, err := n.SendTest(t.Context(), admin)
			if err != nil || got.Problem != c.problem || !strings.Contains(got.Detail, c.detail) || strings.Contains(got.Detail, "secret") {
				t.Fatalf("%+v %v", got, err)
			}
			if c.problem == "" && (!strings.HasPrefix(got.Answer, "250") || len(h.sink.For(admin.Email)) != 1) {
				t.Errorf("%+v", got)
			}
		})
	}
	m := h.sink.For(admin.Email)[0].Read(t)
	if !strings.Contains(m.Subject, "Test mail from Acme") || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("List-Unsubscribe") != "" {
		t.Errorf("%q %v", m.Subject, m.Header)
	}
	n, _ := h.ledger(h.db, nil)
	if _, err := n.SendTest(t.Context(), staff); models.KindOf(err) != models.Forbidden {
		t.Errorf("a product manager: %v", err)
	}
	if h.count("deliveries", "1 = 1") != 0 {
		t.Error("a test mail is in the ledger")
	}
}
