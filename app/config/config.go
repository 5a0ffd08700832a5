package config

import (
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config is everything an operator may set. Load makes a valid one.
type Config struct {
	Server   Server
	Database Database
	Mail     Mail
	GitHub   GitHub
	Dedup    Dedup
	// Attachments bounds files that come with suggestions.
	Attachments Attachments
	Followups   Followups
	Webhooks    Webhooks
	Agents      Agents
	Emergency   Emergency
	Redact      Redact
	Cron        Cron
	I18n        I18n
	Secrets     Secrets
	Log         Log
}

// Server is where Heed listens. MetricsAddr "" is off. PublicURL is what links
// in mail and pages begin with, without a slash at its end.
type Server struct {
	Addr           string
	PublicURL      string
	TrustedProxies string // addresses and CIDRs, separated by commas; see Proxies
	MetricsAddr    string
}

// Proxies are the networks of TrustedProxies; none when it is empty.
func (s Server) Proxies() []netip.Prefix {
	ps, err := parseProxies(s.TrustedProxies)
	if err != nil {
		return nil // Load refuses such a value; whoever made one trusts nobody
	}
	return ps
}

// Database holds the URL of the store: sqlite:PATH or postgres://….
type Database struct{ URL string }

// Mail is how mail goes out. With SMTPURL "" it is kept and shown as waiting.
type Mail struct {
	SMTPURL     string
	From        string // a bare address or Name <address>
	Connections int    // to the relay, at a time
	// BounceAddress is where bounces come back to, "" the sender's address.
	BounceAddress string
	// BouncesURL is an IMAP mailbox of reports, BounceSecret lets a mail server hand
	// them over by HTTP; "" is off.
	BouncesURL   string
	BounceSecret string
	// ProbeURL asks the relay about mail in doubt, "" nobody.
	ProbeURL string
	// DKIMSelector is the name under which the relay's key is published, "" unknown.
	DKIMSelector string
	// SPF is what allows the relay to send, such as include:spf.example.net; "" is made from SMTPURL.
	SPF string
}

// GitHub is the other side of issue links; off without a token and without an App. Of the two
// there is one at most.
type GitHub struct {
	APIURL         string
	Token          string
	AppID          int64  // of a GitHub App, 0 for none
	PrivateKeyFile string // the App's, "" for none
	WebhookSecret  string
	Repository     string // owner/name, "" for none
	OnCompleted    string // OnCompletedHold or OnCompletedShip
	Comments       string // which way comments go: "", out, in or both
	Milestones     string // what a target without a milestone becomes: match or create; "" leaves both alone
	OnMerged       string // what a merged pull request does to the themes it closes: in_progress or ready; "" nothing
	CreateOn       string // the status that makes an issue of its theme, "" for none
	Releases       bool   // what is released there becomes a draft of a release here
}

// What a completed issue does to its theme.
const (
	OnCompletedHold = "hold" // it waits for a person or a release
	OnCompletedShip = "ship" // it is shipped at once
)

// Dedup is how suggestions find their theme. With EmbeddingsURL "" the built-in
// model alone says what texts mean.
type Dedup struct {
	Attach          Attach
	EmbeddingsURL   string // a server that speaks OpenAI's /v1/embeddings
	EmbeddingsModel string // as that server calls it
	EmbeddingsKey   string // its bearer token, "" for none
}

// AttachMode says when a similar suggestion joins a theme without a person.
type AttachMode string

// The modes of Attach.
const (
	AttachOff   AttachMode = "off"   // never; exact duplicates still do
	AttachAuto  AttachMode = "auto"  // from the probability that this installation's decisions bear out, once there are enough
	AttachFixed AttachMode = "fixed" // from Probability
)

// Attach is dedup.attach. Probability is 0..1 and counts in mode AttachFixed.
type Attach struct {
	Mode        AttachMode
	Probability float64
}

// Attachments are the limits of files: MaxMB is of one file, PerSuggestion how many
// a suggestion may have.
type Attachments struct {
	MaxMB         int
	PerSuggestion int
}

// Followups is when people hear of a change. 0 switches a limit off.
type Followups struct {
	Settle     time.Duration // a change must stand so long before anybody hears of it
	Window     time.Duration // changes within it share a mail
	DailyLimit int           // mails per person and day
	QuietHours QuietHours
	TimeZone   string // of people whose own nobody knows; "" is the machine's
	// After how many days the people behind a theme hear again, by its status.
	PromiseUnderReview, PromisePlanned, PromiseInProgress, PromisePostponed int
}

// Zone is where TimeZone is.
func (f Followups) Zone() *time.Location {
	if zone, err := time.LoadLocation(f.TimeZone); err == nil && f.TimeZone != "" {
		return zone
	}
	return time.Local
}

// Webhooks is how programs outside hear of things. With AllowPrivate their addresses may
// be private ones, and plain http. KeepTextsDays is for how long they keep what a person
// was told, once it is over.
type Webhooks struct {
	AllowPrivate  bool
	KeepTextsDays int
}

// QuietHours is a span of the day in the person's own time, as times since
// midnight; To before From passes midnight. The zero value is none.
type QuietHours struct{ From, To time.Duration }

// Agents bounds how much an agent's token without limits of its own may write;
// 0 switches a limit off.
type Agents struct{ PerHour, PerDay int }

// Cron holds a robfig/cron expression per job; "" is off. Backup has no job
// in this version.
type Cron struct {
	Deliver       string
	Settle        string
	FanOut        string
	Promises      string
	StaffDigest   string
	Digests       string
	Bounces       string
	SLA           string
	Retention     string
	GitHubRecent  string
	GitHubHourly  string
	GitHubNightly string
	Emergency     string
	Proposals     string
	Doctor        string
	Backup        string
}

// I18n is the language of those who did not name one: "en" or "zh".
type I18n struct{ DefaultLocale string }

// Secrets names the file of the key that seals stored secrets.
type Secrets struct{ KeyFile string }

// Log is what is logged, and as "text" or "json".
type Log struct {
	Level  slog.Level
	Format string
}

// Default is the configuration of an installation that sets nothing.
func Default() Config {
	c := Config{
		Server:      Server{Addr: "127.0.0.1:8080"},
		Database:    Database{URL: "sqlite:data/heed.db"},
		Mail:        Mail{From: "Heed <heed@localhost>", Connections: 2},
		GitHub:      GitHub{APIURL: "https://api.github.com", OnCompleted: OnCompletedHold, Releases: true},
		Dedup:       Dedup{Attach: Attach{Mode: AttachAuto}, EmbeddingsModel: "bge-m3"},
		Attachments: Attachments{MaxMB: 5, PerSuggestion: 10},
		Followups: Followups{
			Settle: 5 * time.Minute, Window: 60 * time.Minute, DailyLimit: 4,
			QuietHours:         QuietHours{From: 21 * time.Hour, To: 8 * time.Hour},
			PromiseUnderReview: 30, PromisePlanned: 60, PromiseInProgress: 30, PromisePostponed: 90,
		},
		Webhooks:  Webhooks{KeepTextsDays: 7},
		Agents:    Agents{PerHour: 1000, PerDay: 10_000},
		Emergency: Emergency{AlertTo: "owner, admin, support", Realert: 10 * time.Minute, ReplyWithin: 15 * time.Minute},
		Cron: Cron{
			Deliver: "@every 5s", Settle: "@every 15s", FanOut: "@every 5s", Digests: "@every 60s", Bounces: "@every 5m", SLA: "@every 60s", Emergency: "@every 15s",
			Promises: "@every 10m", StaffDigest: "@every 10m",
			Retention: "30 3 * * *", GitHubRecent: "@every 60s", GitHubHourly: "7 * * * *", GitHubNightly: "10 2 * * *", Proposals: "40 2 * * *", Doctor: "0 5 * * *",
		},
		I18n:    I18n{DefaultLocale: "en"},
		Secrets: Secrets{KeyFile: "data/heed.key"},
		Log:     Log{Level: slog.LevelInfo, Format: "text"},
	}
	c.derive()
	return c
}

// derive fills what follows from other keys.
func (c *Config) derive() {
	if c.Server.PublicURL == "" {
		c.Server.PublicURL = PublicURL(c.Server.Addr)
	}
}

// PublicURL is the URL under which this machine reaches a server listening on
// addr, such as "http://127.0.0.1:8080". A server that was given port 0 asks
// with the address it got.
func PublicURL(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
