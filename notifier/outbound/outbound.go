// Package outbound makes HTTP requests to addresses that somebody typed into a form.
//
// Whoever may name a URL must not reach with it what only this machine reaches: its
// own ports, its network, the metadata service of a cloud. The address is judged
// where it is dialled, after the name was looked up, so that a name that answers
// twice differently wins nothing; redirects are not followed, proxies of the
// environment are not asked, and an answer is read up to a limit.
//
// The package knows nothing of the rest of Heed.
package outbound

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Timeout is how long a whole request may take.
const Timeout = 10 * time.Second

// maxRead is how much of an answer is read, in bytes.
const maxRead = 64 << 10

// Why a URL or an address is refused.
var (
	ErrForbidden = errors.New("the address is private or reserved")
	ErrScheme    = errors.New("only https is allowed")
	ErrURL       = errors.New("not a URL of a web server")
)

// Client sends requests. It is safe for concurrent use.
type Client struct {
	private bool
	http    *http.Client
}

// New returns a client. allowPrivate lets it speak plain http, and reach private
// addresses: for an intranet, and for tests.
func New(allowPrivate bool) *Client {
	c := &Client{private: allowPrivate}
	dialer := &net.Dialer{Timeout: Timeout / 2, ControlContext: c.control}
	c.http = &http.Client{
		Timeout:       Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: Timeout / 2, ResponseHeaderTimeout: Timeout,
			MaxResponseHeaderBytes: 32 << 10, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		},
	}
	return c
}

// control is asked with the address that is really dialled.
func (c *Client) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	if c.private {
		return nil
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") || !isPublic(to.Addr()) {
		return ErrForbidden
	}
	return nil
}

// reserved are networks that are nobody's public server, besides those that netip
// knows itself.
var reserved = func() (out []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}()

// isPublic reports whether an address may be anybody's. IPv4 in IPv6's clothes is
// judged as what it is; the clothes that carry it elsewhere are refused.
func isPublic(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsValid() || ip.Zone() != "" || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// Check refuses a URL that Do would refuse for what it says itself; what its name
// leads to is found out when it is dialled. Errors: ErrURL, ErrScheme, ErrForbidden.
func (c *Client) Check(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return nil, ErrURL
	}
	switch {
	case u.Scheme == "https" || u.Scheme == "http" && c.private:
	case u.Scheme == "http":
		return nil, ErrScheme
	default:
		return nil, ErrURL
	}
	if c.private {
		return u, nil
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".local") {
		return nil, ErrForbidden
	}
	if ip, err := netip.ParseAddr(host); err == nil && !isPublic(ip) {
		return nil, ErrForbidden
	}
	return u, nil
}

// Answer is what a server said: Body is the beginning of it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Post sends a JSON body. An error holds no part of the URL, which may be a secret.
func (c *Client) Post(ctx context.Context, to string, header http.Header, body []byte) (Answer, error) {
	if _, err := c.Check(to); err != nil {
		return Answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(string(body)))
	if err != nil {
		return Answer{}, ErrURL
	}
	for k, v := range header {
		r.Header[k] = v
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Heed-Webhooks/1")
	res, err := c.http.Do(r)
	if err != nil {
		return Answer{}, withoutURL(err)
	}
	defer res.Body.Close()
	out := Answer{Status: res.StatusCode, Header: res.Header}
	out.Body, err = io.ReadAll(io.LimitReader(res.Body, maxRead))
	return out, withoutURL(err)
}

// withoutURL takes the address off an error of net/http.
func withoutURL(err error) error {
	if errors.Is(err, ErrForbidden) {
		return ErrForbidden
	}
	if ue, ok := errors.AsType[*url.Error](err); ok {
		return ue.Err
	}
	return err
}
