package web

import (
	"net/http"
	"strings"
	"time"
)

// Cookie names. On https the session's has the __Host- prefix, which ties it to
// this host and path.
const (
	LocaleCookie     = "heed_locale"
	AppearanceCookie = "heed_appearance"
	sessionCookie    = "heed_session"
	hostPrefix       = "__Host-"
	openedCookie     = "heed_opened"  // which suggestion a receipt opened
	keptCookie       = "heed_kept"    // as which emergency a refused form was kept
	browserCookie    = "heed_browser" // proves that the browser which asked for a code enters it
)

// Cookies reads and writes the cookies of a site; Secure is for one on https.
type Cookies struct{ Secure bool }

// NewCookies returns the cookies of a public URL; over plain http (a first look
// on one's own machine) cookies cannot be Secure.
func NewCookies(publicURL string) Cookies {
	return Cookies{Secure: strings.HasPrefix(publicURL, "https://")}
}

func (c Cookies) name(base string) string {
	if c.Secure {
		return hostPrefix + base
	}
	return base
}

func (c Cookies) set(w http.ResponseWriter, name, value string, life time.Duration, httpOnly bool) {
	ck := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second), Secure: c.Secure, HttpOnly: httpOnly, SameSite: http.SameSiteLaxMode}
	if life <= 0 {
		ck.MaxAge = -1
	}
	http.SetCookie(w, ck)
}

// SetSession signs a browser in; an empty secret signs it out.
func (c Cookies) SetSession(w http.ResponseWriter, secret string) {
	c.set(w, c.name(sessionCookie), secret, lifeOf(secret, 30*24*time.Hour), true)
}

// SetBrowser marks the browser that asked for a code.
func (c Cookies) SetBrowser(w http.ResponseWriter, secret string) {
	c.set(w, c.name(browserCookie), secret, lifeOf(secret, 15*time.Minute), true)
}

// SetChoice keeps a language or an appearance for a year.
func (c Cookies) SetChoice(w http.ResponseWriter, name, value string) {
	c.set(w, name, value, 365*24*time.Hour, true)
}

// SetOpened lets a browser read one suggestion for a while.
func (c Cookies) SetOpened(w http.ResponseWriter, signed string, life time.Duration) {
	c.set(w, c.name(openedCookie), signed, lifeOf(signed, life), true)
}

// OpenedCookie is what SetOpened left, "" for nothing; its signature is still to be
// checked.
func (c Cookies) OpenedCookie(r *http.Request) string { return c.read(r, openedCookie) }

// SetKept remembers for a while as what a refused form of this browser was kept;
// KeptCookie is as OpenedCookie.
func (c Cookies) SetKept(w http.ResponseWriter, signed string, life time.Duration) {
	c.set(w, c.name(keptCookie), signed, lifeOf(signed, life), true)
}

// KeptCookie: see SetKept.
func (c Cookies) KeptCookie(r *http.Request) string { return c.read(r, keptCookie) }

func lifeOf(secret string, d time.Duration) time.Duration {
	if secret == "" {
		return 0
	}
	return d
}

// SessionCookie is the session secret that a request shows, "" for none.
func (c Cookies) SessionCookie(r *http.Request) string { return c.read(r, sessionCookie) }

// BrowserCookie is what SetBrowser left, "" for nothing.
func (c Cookies) BrowserCookie(r *http.Request) string { return c.read(r, browserCookie) }

// read knows one name only: on https a cookie without the prefix may have been
// planted by a sibling host, and would sign its victim in as somebody else.
func (c Cookies) read(r *http.Request, base string) string {
	ck, err := r.Cookie(c.name(base))
	if err != nil {
		return ""
	}
	return ck.Value
}
