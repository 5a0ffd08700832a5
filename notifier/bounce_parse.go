package notifier

import (
	"bufio"
	"bytes"
	"crypto/subtle"
	"errors"
	"io"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // reports quote mail in any charset
	"github.com/emersion/go-message/textproto"

	"github.com/heedhq/heed/models"
)

const (
	maxReport      = 1 << 20 // bytes of a report that are read
	maxReportPart  = 64 << 10
	maxReportParts = 40
	maxReportDepth = 5
	maxRecipients  = 50
)

// report is what came to the address of bounces, read: a delivery status
// notification (RFC 3464), a complaint (RFC 5965), or something else.
type report struct {
	kind string
	// automatic: a machine wrote it, so nothing may answer it.
	automatic bool
	// envelopes are the addresses in which our mark may stand: whom the report was
	// sent to, and who the returned mail says it came from.
	envelopes []string
	// messageIDs are of the returned mail, without angle brackets.
	messageIDs []string
	recipients []reportedRecipient
	feedback   string // a complaint's type, such as abuse
}

// reportedRecipient is what a report says of one address.
type reportedRecipient struct {
	addresses  []string // final and original
	action     string   // failed, delayed, delivered, relayed, expanded
	status     string   // RFC 3463
	diagnostic string
}

// parseReport reads a message; what is broken in it is left out. The error says
// that it is no message at all.
func parseReport(raw []byte) (report, error) {
	if len(raw) > maxReport {
		raw = raw[:maxReport]
	}
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return report{kind: models.BounceKindOther}, errors.Join(errors.New("not a message"), err)
	}
	r := report{kind: models.BounceKindOther, automatic: IsAutomatic(e.Header.Get)}
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"} {
		for f := e.Header.FieldsByKey(name); f.Next(); {
			r.envelopes = append(r.envelopes, addressesIn(f.Value())...)
		}
	}
	parts := 0
	r.read(e, 0, &parts)
	if len(r.recipients) > maxRecipients {
		r.recipients = r.recipients[:maxRecipients]
	}
	return r, nil
}

// read takes what one part and those within it say.
func (r *report) read(e *message.Entity, depth int, parts *int) {
	if *parts++; *parts > maxReportParts || depth > maxReportDepth {
		return
	}
	if mr := e.MultipartReader(); mr != nil {
		for {
			part, err := mr.NextPart()
			if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return
			}
			r.read(part, depth+1, parts)
		}
	}
	kind, _, _ := e.Header.ContentType()
	body := io.LimitReader(e.Body, maxReportPart)
	switch strings.ToLower(kind) {
	case "message/delivery-status", "message/global-delivery-status":
		r.readStatus(fieldGroups(body))
	case "message/feedback-report":
		r.readFeedback(fieldGroups(body))
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
		if depth > 0 {
			r.readReturned(fieldGroups(body))
		}
	}
}

// readStatus reads the fields of a delivery status: one group about the message,
// then one for each recipient.
func (r *report) readStatus(groups []textproto.Header) {
	r.kind = models.BounceKindBounce
	for _, g := range groups {
		final := addressField(g.Get("Final-Recipient"))
		original := addressField(g.Get("Original-Recipient"))
		action := strings.ToLower(strings.TrimSpace(g.Get("Action")))
		if action == "" || final == "" && original == "" {
			continue // about the message, or broken
		}
		x := reportedRecipient{action: oneWord(action), addresses: slices.DeleteFunc([]string{final, original}, func(s string) bool { return s == "" })}
		_, words, _ := strings.Cut(g.Get("Diagnostic-Code"), ";")
		x.diagnostic = parseAnswer(0, words).Text
		x.status = reportedStatus.FindString(g.Get("Status"))
		// Some servers give the class alone, and the rest in words.
		if m := statedStatus.FindStringSubmatch(words); m != nil && (x.status == "" || strings.HasSuffix(x.status, ".0.0") && m[1][0] == x.status[0]) {
			x.status = m[1]
		}
		r.recipients = append(r.recipients, x)
	}
}

var (
	reportedStatus = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	statedStatus   = regexp.MustCompile(`^\s*[245]\d\d[ -]#?([245]\.\d{1,3}\.\d{1,3})\b`)
)

func (r *report) readFeedback(groups []textproto.Header) {
	for _, g := range groups {
		if kind := oneWord(strings.ToLower(g.Get("Feedback-Type"))); kind != "" {
			r.kind, r.feedback = models.BounceKindComplaint, kind
		}
		for f := g.FieldsByKey("Original-Mail-From"); f.Next(); {
			r.envelopes = append(r.envelopes, addressesIn(f.Value())...)
		}
		for f := g.FieldsByKey("Original-Rcpt-To"); f.Next(); {
			r.recipients = append(r.recipients, reportedRecipient{addresses: addressesIn(f.Value())})
		}
	}
}

// readReturned reads the header of the mail that came back.
func (r *report) readReturned(groups []textproto.Header) {
	if len(groups) == 0 {
		return
	}
	h := groups[0]
	if id := strings.Trim(strings.TrimSpace(h.Get("Message-ID")), "<>"); isMessageID(id) {
		r.messageIDs = append(r.messageIDs, id)
	}
	r.envelopes = append(r.envelopes, addressesIn(h.Get("Return-Path"))...)
	if r.kind == models.BounceKindComplaint && len(r.recipients) == 0 {
		r.recipients = append(r.recipients, reportedRecipient{addresses: addressesIn(h.Get("To"))})
	}
}

// fieldGroups reads groups of header fields with empty lines between.
func fieldGroups(body io.Reader) []textproto.Header {
	var groups []textproto.Header
	br := bufio.NewReader(body)
	for len(groups) <= maxRecipients {
		for { // empty lines before a group
			c, err := br.Peek(1)
			if err != nil {
				return groups
			}
			if c[0] != '\r' && c[0] != '\n' {
				break
			}
			_, _ = br.Discard(1)
		}
		h, err := textproto.ReadHeader(br)
		if h.Len() > 0 {
			groups = append(groups, h)
		}
		if err != nil {
			return groups
		}
	}
	return groups
}

// addressField reads "rfc822; a@b".
func addressField(value string) string {
	if _, address, typed := strings.Cut(value, ";"); typed {
		value = address
	}
	if found := addressesIn(value); len(found) > 0 {
		return found[0]
	}
	return ""
}

// addressesIn are the bare addresses of a header field, in lower case.
func addressesIn(value string) []string {
	value = strings.TrimSpace(value)
	if value == "" || len(value) > 4<<10 {
		return nil
	}
	var out []string
	if list, err := mail.ParseAddressList(value); err == nil {
		for _, a := range list {
			out = append(out, a.Address)
		}
	} else if bare := strings.Trim(value, "<> "); strings.Count(bare, "@") == 1 && !strings.ContainsAny(bare, " ,;\t\r\n") {
		out = append(out, bare)
	}
	for i := range out {
		out[i] = clip(strings.ToLower(oneLine(out[i])), 254)
	}
	return out
}

func oneWord(s string) string {
	if f := strings.Fields(oneLine(s)); len(f) > 0 {
		return clip(f[0], 40)
	}
	return ""
}

// IsAutomatic reports whether a machine wrote a message (RFC 3834): automatic
// replies, reports, lists. Such a message is never answered, or two machines would
// write to each other for ever. get returns a header field by name, "" without it.
func IsAutomatic(get func(string) string) bool {
	if auto := oneWord(strings.ToLower(get("Auto-Submitted"))); auto != "" && auto != "no" && auto != "no;" {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe"} {
		if get(name) != "" {
			return true
		}
	}
	if strings.TrimSpace(get("Return-Path")) == "<>" || strings.HasPrefix(strings.ToLower(strings.TrimSpace(get("Content-Type"))), "multipart/report") {
		return true
	}
	return slices.ContainsFunc(addressesIn(get("From")), isNobody)
}

// isNobody reports addresses at which programs send reports and read nothing: mail
// to them comes back for ever.
func isNobody(address string) bool {
	local, _, _ := cutLast(strings.ToLower(address), "@")
	return local == "mailer-daemon" || local == ""
}

func equalMarks(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
