package notifier

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/heedhq/heed/models"
)

// postbox is a real IMAP server on loopback with one user's INBOX in memory.
type postbox struct {
	user *imapmemserver.User
	url  string
}

func startPostbox(t *testing.T) *postbox {
	t.Helper()
	memory := imapmemserver.New()
	b := &postbox{user: imapmemserver.NewUser("bounces", "se:cret")}
	if err := b.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory.AddUser(b.user)
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}}, InsecureAuth: true,
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	b.url = "imap://bounces:se%3Acret@" + l.Addr().String() + "/INBOX"
	return b
}

func (b *postbox) arrives(t *testing.T, raw string) {
	t.Helper()
	if _, err := b.user.Append("INBOX", literal{strings.NewReader(raw), int64(len(raw))}, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

type literal struct {
	*strings.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

// Each report of the mailbox is taken once, in its order, whatever the mailbox's flags say and
// however often it is looked at; a visit that fails is made up for by the next.
func TestTheMailboxOfBouncesIsReadOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		box := startPostbox(t)
		n, ds := h.bouncing(3, returnsTo)
		n.o.BounceMailbox = box.url
		tick := func() error { return n.TickBounces(t.Context(), models.Job{}) }
		if err := tick(); err != nil {
			t.Fatal(err)
		}
		box.arrives(t, dsn(n.envelopeFrom(ds[0].ID), ds[0].Address, "failed", "5.1.1", "no", ""))
		box.arrives(t, "Subject: hello\r\n\r\nnot a report\r\n")
		box.arrives(t, dsn("bounces@acme.example", ds[1].Address, "failed", "5.1.1", "forged", ds[1].MessageID))
		for range 2 {
			if err := tick(); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]int{models.BounceSuppressed: 1, models.BounceIgnored: 1, models.BounceRefused: 1}
		if got := h.tally("bounce_reports", "outcome"); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("outcomes %v, want %v", got, want)
		}
		box.arrives(t, dsn(n.envelopeFrom(ds[2].ID), ds[2].Address, "failed", "5.1.1", "no", ""))
		good := n.o.BounceMailbox
		n.o.BounceMailbox = strings.Replace(box.url, "cret", "cure", 1)
		if err := tick(); err == nil {
			t.Error("signed in with a wrong password")
		}
		if h.count("bounce_mailboxes", "last_error <> ''") != 1 || h.count("bounce_mailboxes", "last_error LIKE '%cure%'") != 0 {
			t.Error("the failure is not shown, or the password is")
		}
		n.o.BounceMailbox = good
		if err := tick(); err != nil {
			t.Fatal(err)
		}
		if got := h.count("suppressions", "1 = 1"); got != 2 || h.count("bounce_mailboxes", "uid = 4 AND last_error = ''") != 1 {
			t.Errorf("%d suppressions; a failed visit lost a report or shows still", got)
		}
	})
}

// Another mailbox under the old name is read from its beginning, and what is known changes nothing.
func TestAMailboxThatWasMadeAnewIsReadAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, ds := h.bouncing(1, returnsTo)
		report := dsn(n.envelopeFrom(ds[0].ID), ds[0].Address, "failed", "5.1.1", "no", "")
		box := startPostbox(t)
		n.o.BounceMailbox = box.url
		for range 2 {
			box.arrives(t, report)
			if err := n.TickBounces(context.Background(), models.Job{}); err != nil {
				t.Fatal(err)
			}
			if err := box.user.Delete("INBOX"); err != nil {
				t.Fatal(err)
			}
			if err := box.user.Create("INBOX", nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := h.count("bounce_reports", "1 = 1"); got != 1 {
			t.Errorf("%d reports", got)
		}
	})
}

func TestMailboxURLs(t *testing.T) {
	for raw, ok := range map[string]bool{
		"imaps://u:p@mail.example.com/INBOX": true, "imaps://u:p@mail.example.com": true, "imap://u:p@127.0.0.1:1143/INBOX": true, "imap://u:p@localhost": true,
		"imap://u:p@mail.example.com/INBOX": false, "imaps://mail.example.com/INBOX": false, "pop3://u:p@mail.example.com": false, "imaps://u:p@/INBOX": false, "imaps://u:p@h/INBOX?x=1": false,
	} {
		err := CheckMailbox(raw)
		if (err == nil) != ok {
			t.Errorf("%s: %v", raw, err)
		}
		if err != nil && strings.Contains(err.Error(), ":p@") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}
