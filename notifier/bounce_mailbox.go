package notifier

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

const (
	mailboxDial  = 20 * time.Second
	mailboxTime  = 2 * time.Minute // for one visit
	mailboxBatch = 1000            // reports of one visit
)

// mailbox is a parsed URL of an IMAP mailbox.
type mailbox struct {
	address, host  string
	tls            bool
	user, password string
	folder         string
}

// CheckMailbox reports what is wrong with the URL of a mailbox, as parseMailbox does.
func CheckMailbox(raw string) error {
	_, err := parseMailbox(raw)
	return err
}

// parseMailbox reads imaps://user:password@host/INBOX; imap:// is for a server on this
// machine alone, since it sends the password in the clear. Errors never contain the URL.
func parseMailbox(raw string) (mailbox, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return mailbox{}, errors.New("not a URL")
	}
	m := mailbox{host: u.Hostname(), folder: strings.Trim(u.Path, "/")}
	port := "143"
	switch u.Scheme {
	case "imaps":
		m.tls, port = true, "993"
	case "imap":
		if ip := net.ParseIP(m.host); m.host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return mailbox{}, errors.New("imap:// sends the password in the clear: use imaps://, or a server on this machine")
		}
	default:
		return mailbox{}, errors.New("does not begin with imaps://")
	}
	if m.host == "" || u.RawQuery != "" || u.Fragment != "" {
		return mailbox{}, errors.New("is not a host and a folder")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	m.address = net.JoinHostPort(m.host, port)
	if m.user = u.User.Username(); m.user == "" {
		return mailbox{}, errors.New("names no user")
	}
	m.password, _ = u.User.Password()
	if m.folder == "" {
		m.folder = "INBOX"
	}
	return m, nil
}

func (m mailbox) name() string { return m.user + "@" + m.address + "/" + m.folder }

// TickBounces is the cron job bounces: it takes the reports that came to the mailbox since
// the last time. How far it is stands in a row that moves in the transaction of each
// report, so a crash neither loses nor repeats one.
func (n *Notifier) TickBounces(ctx context.Context, _ models.Job) error {
	if err := n.forgetBounces(ctx); err != nil {
		return err
	}
	if n.o.BounceMailbox == "" {
		return nil
	}
	m, err := parseMailbox(n.o.BounceMailbox)
	if err != nil {
		return fmt.Errorf("mailbox of bounces: %w", err)
	}
	err = n.readMailbox(ctx, m)
	if note := n.noteMailbox(ctx, m, err); note != nil {
		return note
	}
	if err != nil {
		return fmt.Errorf("mailbox of bounces: %w", err)
	}
	return nil
}

// noteMailbox writes down how a visit went, for the page that shows it.
func (n *Notifier) noteMailbox(ctx context.Context, m mailbox, problem error) error {
	row := models.BounceMailbox{Name: m.name(), CheckedAt: n.db.Now()}
	if problem != nil {
		row.LastError = parseAnswer(0, problem.Error()).Text
	}
	return n.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"last_error", "checked_at"})}).Create(&row).Error
	})
}

func (n *Notifier) readMailbox(ctx context.Context, m mailbox) error {
	c, err := openMailbox(ctx, m)
	if err != nil {
		return err
	}
	defer c.Close()
	box, err := c.Select(m.folder, nil).Wait()
	if err != nil {
		return fmt.Errorf("open %s: %w", m.folder, err)
	}
	row := models.BounceMailbox{Name: m.name()}
	if err := n.db.Read(ctx).Limit(1).Find(&row, "name = ?", m.name()).Error; err != nil {
		return err
	}
	if row.UIDValidity != int64(box.UIDValidity) { // another mailbox under the old name: all of it, and what is known already changes nothing
		row.UIDValidity, row.UID = int64(box.UIDValidity), 0
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: imap.UID(row.UID + 1), Stop: 0}}}}, nil).Wait()
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	taken := 0
	for _, uid := range found.AllUIDs() {
		if int64(uid) <= row.UID { // "n:*" always names the last message
			continue
		}
		if taken++; taken > mailboxBatch || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := n.takeFrom(ctx, c, &row, uid); err != nil {
			return err
		}
	}
	return c.Logout().Wait()
}

// openMailbox signs in.
func openMailbox(ctx context.Context, m mailbox) (*imapclient.Client, error) {
	dialer := &net.Dialer{Timeout: mailboxDial}
	conn, err := dialer.DialContext(ctx, "tcp", m.address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(mailboxTime))
	if m.tls {
		conn = tls.Client(conn, &tls.Config{ServerName: m.host, MinVersion: tls.VersionTLS12})
	}
	c := imapclient.New(conn, nil)
	if err := c.Login(m.user, m.password).Wait(); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("sign in: %w", err)
	}
	return c, nil
}

// takeFrom takes one message and moves the mark behind it, together.
func (n *Notifier) takeFrom(ctx context.Context, c *imapclient.Client, row *models.BounceMailbox, uid imap.UID) error {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: maxReport}}
	messages, err := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	var raw []byte
	for _, m := range messages {
		if len(m.BodySection) > 0 {
			raw = m.BodySection[0].Bytes
		}
	}
	row.UID = int64(uid)
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if len(raw) > 0 { // else somebody deleted it meanwhile
			if _, err := n.TakeBounce(ctx, models.BounceByMailbox, "", raw); err != nil {
				return err
			}
		}
		row.CheckedAt = n.db.Now()
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"uid_validity", "uid", "checked_at"})}).Create(row).Error
	})
	if err != nil {
		return err
	}
	// For whoever looks into the mailbox; what was taken is known without it.
	_ = c.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close()
	return nil
}
