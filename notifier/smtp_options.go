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
)

// Options configure a Pool. The zero value of each but URL has a default.
type Options struct {
	// URL names the relay: smtp://host:25 (never encrypted),
	// smtp+starttls://host:587 (encrypted or not at all) or
	// smtps://host:465, each with an optional user:password@.
	URL string
	// Connections is the most that are open at a time; default 2. A crash
	// doubles at most as many mails.
	Connections int
	// HelloName is what EHLO calls this host; default "localhost".
	HelloName string
	// DialTimeout bounds all of connecting, greeting, TLS and signing in;
	// default 20 s.
	DialTimeout time.Duration
	// CommandTimeout bounds the commands and the content before the final
	// dot; default 60 s.
	CommandTimeout time.Duration
	// FinalTimeout bounds the wait for the answer to the final dot. It is
	// long (default 10 min, RFC 5321 4.5.3.2.6) because giving up there
	// leaves the mail in doubt.
	FinalTimeout time.Duration
	// IdleTimeout is how long an unused connection stays open; default 20 s.
	IdleTimeout time.Duration
	// TLS adds to the TLS settings (roots of a private authority). ServerName
	// is always the host of the URL.
	TLS *tls.Config
	// Dial opens the TCP connection; default is a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// security is what a relay's URL says about encryption.
type security int

const (
	plaintext security = iota
	startTLS
	implicitTLS
)

// relay is a parsed URL.
type relay struct {
	host, address  string
	security       security
	user, password string
}

// parseRelay reads a relay's URL. Errors never contain the URL, which holds a
// password.
func parseRelay(raw string) (relay, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return relay{}, errors.New("not a URL")
	}
	var r relay
	var port string
	switch u.Scheme {
	case "smtp":
		r.security, port = plaintext, "25"
	case "smtp+starttls":
		r.security, port = startTLS, "587"
	case "smtps":
		r.security, port = implicitTLS, "465"
	default:
		return relay{}, fmt.Errorf("scheme %q: want smtp, smtp+starttls or smtps", u.Scheme)
	}
	if r.host = u.Hostname(); r.host == "" {
		return relay{}, errors.New("no host")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return relay{}, errors.New("nothing may follow the port")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	r.address = net.JoinHostPort(r.host, port)
	r.user = u.User.Username()
	r.password, _ = u.User.Password()
	if ip := net.ParseIP(r.host); r.user != "" && r.security == plaintext && ip != nil && !ip.IsLoopback() {
		return relay{}, errCleartextAuth
	}
	return r, nil
}

// withDefaults fills what the caller left out.
func (o Options) withDefaults() Options {
	if o.Connections <= 0 {
		o.Connections = 2
	}
	if o.HelloName == "" {
		o.HelloName = "localhost"
	}
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&o.DialTimeout, 20 * time.Second},
		{&o.CommandTimeout, time.Minute},
		{&o.FinalTimeout, 10 * time.Minute},
		{&o.IdleTimeout, 20 * time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.fallback
		}
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	return o
}

// tlsConfig returns the settings for a host; nothing older than TLS 1.2.
func (o Options) tlsConfig(host string) *tls.Config {
	config := &tls.Config{}
	if o.TLS != nil {
		config = o.TLS.Clone()
	}
	config.ServerName = host
	if config.MinVersion < tls.VersionTLS12 {
		config.MinVersion = tls.VersionTLS12
	}
	return config
}
