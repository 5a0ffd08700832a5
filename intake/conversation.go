package intake

import (
	"net/url"
	"regexp"
	"strings"
)

// Conversation is what the address of a conversation elsewhere says: the system, and
// the conversation's id there, "" where the address names none. URL is the
// address without what nobody needs to keep.
type Conversation struct {
	Source     string // as a suggestion keeps it: "zendesk"
	Name       string // as people read it: "Zendesk"
	Number     string // "8812"
	ExternalID string // "zendesk:8812"
	URL        string
}

// desk is a system whose addresses are known. Host is the host's end (".x.com":
// its subdomains alone) or, ending in a dot, its beginning. Each form is matched
// against the path, and the fragment after it; query parameters are asked for by
// name where no form fits.
type desk struct {
	source, name string
	hosts        []string
	forms        []*regexp.Regexp
	params       []string
}

func forms(fs ...string) []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(fs))
	for i, f := range fs {
		out[i] = regexp.MustCompile(f)
	}
	return out
}

// desks is the one table of them. What a form captures is the id; several parts
// are joined by "/".
var desks = []desk{
	{"zendesk", "Zendesk", []string{".zendesk.com"}, forms(`^/(?:agent|hc(?:/[\w-]+)?)/(?:tickets|requests)/(\d+)\b`, `^/(?:api/v2/)?(?:tickets|requests)/(\d+)\b`), nil},
	{"intercom", "Intercom", []string{"app.intercom.com", "app.eu.intercom.com", "app.au.intercom.com", "app.intercom.io"}, forms(`/conversations?/(\d+)\b`, `/tickets?/(\d+)\b`), nil},
	{"freshdesk", "Freshdesk", []string{".freshdesk.com", ".freshservice.com"}, forms(`/(?:a|helpdesk|support|api/v2)/tickets/(\d+)\b`), nil},
	{"jira", "Jira", []string{".atlassian.net", "jira."}, forms(`/(?:browse|queues/custom/\d+|queues/issue|portal/\d+|issues)/([A-Z][A-Z0-9_]+-\d+)\b`), []string{"selectedIssue"}},
	{"front", "Front", []string{"app.frontapp.com"}, forms(`/open/((?:cnv|msg)_[a-z0-9]+)\b`, `/(?:conversations|inboxes/(?:[\w-]+/)+)(\d{5,})\b`), nil},
	{"helpscout", "Help Scout", []string{"secure.helpscout.net"}, forms(`/conversations?/(\d+)\b`), nil},
	{"hubspot", "HubSpot", []string{".hubspot.com"}, forms(`^/contacts/\d+/(?:ticket|record/0-5)/(\d+)\b`, `^/live-messages/\d+/inbox/(\d+)\b`), nil},
	{"zoho", "Zoho Desk", []string{"desk.zoho.com", "desk.zoho.eu", "desk.zoho.in", "desk.zoho.com.cn"}, forms(`/tickets/(?:details/)?(\d{6,})\b`, `#Cases/dv/(\d{6,})\b`), nil},
	{"salesforce", "Salesforce", []string{".lightning.force.com"}, forms(`^/lightning/r/Case/([A-Za-z0-9]{15,18})\b`), nil},
	{"servicenow", "ServiceNow", []string{".service-now.com"}, nil, []string{"sys_id", "number"}},
	{"crisp", "Crisp", []string{"app.crisp.chat"}, forms(`/inbox/(session_[0-9a-f-]+)`), nil},
	{"gorgias", "Gorgias", []string{".gorgias.com"}, forms(`^/app/(?:ticket|views/\d+|tickets/\d+)/(\d+)\b`), nil},
	{"plain", "Plain", []string{"app.plain.com"}, forms(`/thread/(th_[A-Z0-9]+)\b`), nil},
	{"github", "GitHub", []string{"github.com"}, forms(`^/([\w.-]+/[\w.-]+)/(?:issues|pull|discussions)/(\d+)\b`), nil},
	{"gitlab", "GitLab", []string{"gitlab.com", "gitlab."}, forms(`^/((?:[\w.-]+/)+)-/(?:issues|work_items)/(\d+)\b`), nil},
	{"gitee", "Gitee", []string{"gitee.com"}, forms(`^/([\w.-]+/[\w.-]+)/issues/(I[0-9A-Z]+)\b`), nil},
	{"linear", "Linear", []string{"linear.app"}, forms(`^/[\w-]+/issue/([A-Z][A-Z0-9]*-\d+)\b`), nil},

	{"feishu", "飞书", []string{".feishu.cn", ".larksuite.com", "applink.feishu.cn"}, forms(`^/[\w-]+/(?:issue|story|bug)/detail/(\d+)\b`, `/(?:helpdesk|ticket|tickets)/(?:detail/)?(\d{6,})\b`), []string{"record", "ticket_id", "ticketId"}},
	{"wecom", "企业微信", []string{"work.weixin.qq.com"}, forms(`/ticket/(\w+)\b`), []string{"ticket_id"}},
	{"youzan", "有赞", []string{".youzan.com"}, forms(`/(?:ticket|conversation)s?/(\d+)\b`), []string{"orderNo", "order_no", "conversationId", "conversation_id"}},
	{"meiqia", "美洽", []string{".meiqia.com"}, forms(`/(?:conversation|conversations|conv|ticket|tickets)/(\d+)\b`, `#/(?:[\w-]+/)*(?:conversations?|tickets?)/(\d+)\b`), []string{"conv_id"}},
	{"qiyu", "网易七鱼", []string{".qiyukf.com"}, forms(`/(?:worksheet|session)s?/(?:detail/)?(\d+)\b`), []string{"worksheetId", "sessionid", "sessionId"}},
	{"udesk", "Udesk", []string{".udesk.cn"}, forms(`/(?:ticket|tickets)/(?:detail/|list/)?(\d+)\b`), nil},
	{"sobot", "智齿", []string{".sobot.com"}, nil, []string{"ticketId", "cid"}},
	{"tapd", "TAPD", []string{"www.tapd.cn", "tapd.cn"}, forms(`^/(?:tapd_fe/)?\d+/(?:bugtrace/bugs|prong/stories|bug|story)/(?:view|detail)/(\d+)\b`), nil},

	{"x", "X", []string{"x.com", "twitter.com", "mobile.twitter.com", "www.x.com"}, forms(`^/\w+/status(?:es)?/(\d+)\b`), nil},
	{"weibo", "微博", []string{"weibo.com", "www.weibo.com", "m.weibo.cn"}, forms(`^/(?:status|detail)/(\w+)\b`, `^/\d+/([A-Za-z0-9]{6,})\b`), nil},
	{"telegram", "Telegram", []string{"t.me", "telegram.me"}, forms(`^/(?:c/)?(\w+)/(?:\d+/)?(\d+)\b`), nil},
	{"discord", "Discord", []string{"discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"}, forms(`^/channels/(?:\d+|@me)/(\d+)/(\d+)\b`), nil},
	{"reddit", "Reddit", []string{"www.reddit.com", "reddit.com", "old.reddit.com"}, forms(`/comments/([a-z0-9]+)\b`), nil},
	{"googleplay", "Google Play", []string{"play.google.com"}, nil, []string{"reviewId"}},
}

// ReadConversation reads an address. ok is false for what is no address of the web;
// one of an unknown system has no Source.
func ReadConversation(raw string) (t Conversation, ok bool) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || strings.ContainsAny(raw, " \t\r\n") {
		return t, false
	}
	t.URL = PlainURL(raw)
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	for i := range desks {
		d := &desks[i]
		if !d.at(host) {
			continue
		}
		t.Source, t.Name, t.Number = d.source, d.name, d.id(u)
		if len(t.Number) > MaxShort/2 {
			t.Number = ""
		}
		if t.Number != "" {
			t.ExternalID = d.source + ":" + t.Number
		}
		break
	}
	return t, true
}

func (d *desk) at(host string) bool {
	for _, h := range d.hosts {
		switch {
		case strings.HasPrefix(h, "."):
			if strings.HasSuffix(host, h) {
				return true
			}
		case strings.HasSuffix(h, "."):
			if strings.HasPrefix(host, h) {
				return true
			}
		case host == h:
			return true
		}
	}
	return false
}

func (d *desk) id(u *url.URL) string {
	where := u.Path
	if u.Fragment != "" {
		where += "#" + u.Fragment
	}
	for _, f := range d.forms {
		if m := f.FindStringSubmatch(where); m != nil {
			for i := range m {
				m[i] = strings.Trim(m[i], "/")
			}
			return strings.Join(m[1:], "/")
		}
	}
	q := u.Query()
	for _, p := range d.params {
		if v := q.Get(p); plainID.MatchString(v) {
			return v
		}
	}
	return ""
}

var (
	plainID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	// secretName are parameters that let somebody in, or follow them.
	secretName = regexp.MustCompile(`(?i)(^|[_-])(token|key|apikey|secret|sig|signature|sign|password|passwd|pwd|auth|authorization|jwt|sid|session|credential|credentials|code|otp|hash|invite)s?$|token$|secret$|password$|^(utm_.*|gclid|fbclid|msclkid|spm|mc_eid|_hsenc|_hsmi)$`)
)

// PlainURL is an address without user-info and without parameters that let
// somebody in or follow them, in its query and in its fragment; what is no
// address stays as it is.
func PlainURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	u.User = nil
	u.RawQuery = plainQuery(u.RawQuery)
	if path, query, ok := strings.Cut(u.EscapedFragment(), "?"); ok {
		query = plainQuery(query)
		u.Fragment, u.RawFragment = joinFragment(path, query)
	} else if strings.Contains(path, "=") {
		u.Fragment, u.RawFragment = joinFragment("", plainQuery(path))
	}
	return u.String()
}

func joinFragment(path, query string) (decoded, raw string) {
	raw = path
	if query != "" {
		if path != "" {
			raw += "?"
		}
		raw += query
	}
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		return "", ""
	}
	return decoded, raw
}

// plainQuery keeps order and spelling of what stays.
func plainQuery(query string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		n, err := url.QueryUnescape(name)
		if part == "" || err != nil || secretName.MatchString(n) {
			continue
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, "&")
}

// SourceName is a system's own name, "" for a source that is none of ReadConversation's.
func SourceName(source string) string {
	for i := range desks {
		if desks[i].source == source {
			return desks[i].name
		}
	}
	return ""
}
