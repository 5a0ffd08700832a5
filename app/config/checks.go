package config

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/golang-jwt/jwt/v5"
)

// The checks return a value as it is kept, or what is wrong with it. They
// never repeat the value: it may hold a password.

func optional(check func(string) (string, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		if s == "" {
			return "", nil
		}
		return check(s)
	}
}

func notEmpty(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("is empty")
	}
	return s, nil
}

func hostPort(s string) (string, error) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", errors.New("is not a host and a port")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", errors.New("has no port from 0 to 65535")
	}
	return s, nil
}

func parseURL(s string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("is not a URL")
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			if u.Hostname() == "" {
				return nil, errors.New("has no host")
			}
			return u, nil
		}
	}
	return nil, errors.New("does not begin with " + strings.Join(schemes, ":// or ") + "://")
}

// webURL keeps no slash at the end, so that paths are simply added.
func webURL(s string) (string, error) {
	u, err := parseURL(s, "http", "https")
	if err != nil {
		return "", err
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("has more than scheme, host and path")
	}
	return strings.TrimRight(s, "/"), nil
}

// origin is a webURL without a path: cookies and absolute links in pages
// assume that Heed owns its host.
func origin(s string) (string, error) {
	s, err := webURL(s)
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(s); err != nil || u.Path != "" {
		return "", errors.New("has a path")
	}
	return s, nil
}

func proxies(s string) (string, error) {
	_, err := parseProxies(s)
	return s, err
}

// parseProxies reads addresses and CIDRs separated by commas. A CIDR of every
// address is refused: whoever is believed may call itself anything.
func parseProxies(s string) (out []netip.Prefix, err error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		p, err := netip.ParsePrefix(part)
		if err != nil {
			ip, err := netip.ParseAddr(part)
			if err != nil || ip.Zone() != "" {
				return nil, errors.New("has a part that is neither an address nor a CIDR")
			}
			p = netip.PrefixFrom(ip, ip.BitLen())
		}
		if p.Bits() == 0 {
			return nil, errors.New("trusts every address")
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func database(s string) (string, error) {
	if path, ok := strings.CutPrefix(s, "sqlite:"); ok {
		if path == "" || strings.HasPrefix(path, "//") || path == ":memory:" {
			return "", errors.New("names no file after \"sqlite:\"")
		}
		return s, nil
	}
	if strings.HasPrefix(s, "postgres:") || strings.HasPrefix(s, "postgresql:") {
		// The host may be missing: a socket's folder stands in the query.
		if _, err := url.Parse(s); err != nil {
			return "", errors.New("is not a URL")
		}
		if strings.Contains(s, "://") {
			return s, nil
		}
	}
	return "", errors.New("is neither of them")
}

func relay(s string) (string, error) {
	_, err := parseURL(s, "smtp", "smtp+starttls", "smtps")
	return s, err
}

func mailbox(s string) (string, error) {
	if _, err := mail.ParseAddress(s); err != nil {
		return "", errors.New("is not one address")
	}
	return s, nil
}

func modelName(s string) (string, error) {
	if _, err := notEmpty(s); err != nil {
		return "", err
	}
	if s != strings.TrimSpace(s) || len(s) > 200 || strings.ContainsFunc(s, unicode.IsControl) {
		return "", errors.New("is no name of a model")
	}
	return s, nil
}

// rsaKeyFile tells at the start, and not hours later, that nothing can be signed with the file.
func rsaKeyFile(s string) (string, error) {
	b, err := os.ReadFile(s)
	if err != nil {
		return "", errors.New("names no file that Heed can read")
	}
	if _, err := jwt.ParseRSAPrivateKeyFromPEM(b); err != nil {
		return "", errors.New("names a file that holds no RSA private key; make a new one on the App's page")
	}
	return s, nil
}

// whole finds keys that contradict each other.
func (g GitHub) whole(path string) (ps Problems) {
	problem := func(name, text string) {
		source := path + " or " + key{name: name}.variable()
		ps = append(ps, Problem{Source: source, Key: name, Text: text})
	}
	switch {
	case g.AppID != 0 && g.PrivateKeyFile == "":
		problem("github.app_id", "is set without github.private_key_file: name the file of the key that GitHub makes on the App's page, or empty both")
	case g.AppID == 0 && g.PrivateKeyFile != "":
		problem("github.private_key_file", "is set without github.app_id: add the number that GitHub shows on the App's page, or empty both")
	case g.AppID != 0 && g.Token != "":
		problem("github.token", "is set beside github.app_id: an App needs no token; empty one of the two")
	}
	return ps
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$`)

func repository(s string) (string, error) {
	if !repositoryName.MatchString(s) {
		return "", errors.New("is not owner/name")
	}
	return s, nil
}

// bounceAddress leaves room for what Heed adds before the @: 64 characters are the most.
func bounceAddress(s string) (string, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return "", errors.New("is not one bare address")
	}
	if local, _, _ := strings.Cut(s, "@"); len(local) > 20 || strings.Contains(local, "+") {
		return "", errors.New("has a + or too long a part before the @")
	}
	return s, nil
}

func imapMailbox(s string) (string, error) {
	u, err := parseURL(s, "imaps", "imap")
	if err != nil {
		return "", err
	}
	ip := net.ParseIP(u.Hostname())
	switch {
	case u.Scheme == "imap" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()):
		return "", errors.New("would send the password in the clear to another machine")
	case u.User.Username() == "":
		return "", errors.New("names no user")
	case u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("has more than a host and a folder")
	}
	return s, nil
}

func probe(s string) (string, error) {
	u, err := parseURL(s, "http", "https")
	if err != nil {
		return "", err
	}
	if !strings.Contains(u.Path+"?"+u.RawQuery, "{message_id}") {
		return "", errors.New("has no {message_id} in its path or query")
	}
	return s, nil
}

var (
	selectorName  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$`)
	spfMechanisms = regexp.MustCompile(`^(include|a|mx|ip4|ip6|exists|redirect)([:=/][A-Za-z0-9._:/%{}+-]+)?( (include|a|mx|ip4|ip6|exists)([:/][A-Za-z0-9._:/%{}+-]+)?)*$`)
)

func selector(s string) (string, error) {
	if !selectorName.MatchString(s) {
		return "", errors.New("is no selector")
	}
	return s, nil
}

func mechanisms(s string) (string, error) {
	if !spfMechanisms.MatchString(s) || len(s) > 200 {
		return "", errors.New("is no list of SPF mechanisms")
	}
	return s, nil
}
