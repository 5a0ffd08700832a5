package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/ui"
)

// What one request leaves for the next of the same browser. The browser could
// write these itself, so nothing in them is believed: they are shown to nobody
// but their bearer.
const (
	toastCookie  = "heed_toast"
	askedCookie  = "heed_asked" // who asked for a code, and where to go afterwards
	sentCookie   = "heed_sent"  // which address the thanks page may name
	toastLife    = time.Minute
	askedLife    = 15 * time.Minute
	sentLife     = 10 * time.Minute
	maxToastText = 500
)

func (c Cookies) leave(w http.ResponseWriter, name string, v any, life time.Duration) {
	b, err := json.Marshal(v)
	if err != nil {
		return // plain fields: cannot fail
	}
	c.set(w, name, base64.RawURLEncoding.EncodeToString(b), life, true)
}

func found(r *http.Request, name string, v any) bool {
	ck, err := r.Cookie(name)
	if err != nil {
		return false
	}
	b, err := base64.RawURLEncoding.DecodeString(ck.Value)
	return err == nil && json.Unmarshal(b, v) == nil
}

func (p *Pages) leaveToast(c echo.Context, t ui.Toast) {
	if r := []rune(t.Message); len(r) > maxToastText {
		t.Message = string(r[:maxToastText]) + "…"
	}
	p.Cookies.leave(c.Response(), toastCookie, t, toastLife)
}

func (p *Pages) takeToast(c echo.Context) *ui.Toast {
	var t ui.Toast
	if !found(c.Request(), toastCookie, &t) || t.Message == "" {
		return nil
	}
	p.Cookies.set(c.Response(), toastCookie, "", 0, true)
	return &t
}

// Asked is a sign-in under way in this browser.
type Asked struct{ Email, Next string }

// SetAsked keeps who asked for a code; the zero Asked forgets it.
func (c Cookies) SetAsked(w http.ResponseWriter, a Asked) {
	life := askedLife
	if a == (Asked{}) {
		life = 0
	}
	c.leave(w, askedCookie, a, life)
}

// AskedCookie is what SetAsked left.
func AskedCookie(r *http.Request) (a Asked) {
	if !found(r, askedCookie, &a) || !storable(a.Email) {
		return Asked{}
	}
	return a
}

// Sent is a suggestion that this browser has just filed.
type Sent struct{ Receipt, Email string }

// SetSent keeps it for the thanks page.
func (c Cookies) SetSent(w http.ResponseWriter, s Sent) { c.leave(w, sentCookie, s, sentLife) }

// SentCookie is what SetSent left.
func SentCookie(r *http.Request) (s Sent) {
	found(r, sentCookie, &s)
	return s
}
