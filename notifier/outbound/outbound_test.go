package outbound

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	for address, public := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "127.8.9.1": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false, "192.0.2.1": false, "198.18.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "fec0::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::127.0.0.1": false, "2001::1": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != public {
			t.Errorf("%s: public is %v", address, got)
		}
		to := netip.AddrPortFrom(netip.MustParseAddr(address), 443).String()
		if err := New(false).control(context.Background(), "tcp", to, nil); (err == nil) != public {
			t.Errorf("dial %s: %v", to, err)
		}
	}
}

func TestURLsThatSayTooMuchAreRefused(t *testing.T) {
	for raw, want := range map[string]error{
		"https://hooks.example.com/x": nil, "https://93.184.216.34/": nil,
		"http://hooks.example.com": ErrScheme, "ftp://example.com": ErrURL, "file:///etc/passwd": ErrURL, "": ErrURL, "https://": ErrURL, "hooks.example.com": ErrURL,
		"https://user:pass@example.com": ErrURL, "https://localhost/": ErrForbidden, "https://LOCALHOST./": ErrForbidden, "https://127.0.0.1/": ErrForbidden,
		"https://[::1]/": ErrForbidden, "https://[::ffff:10.0.0.1]/": ErrForbidden, "https://metadata.google.internal/": ErrForbidden, "https://printer.local": ErrForbidden,
	} {
		if _, err := New(false).Check(raw); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", raw, err, want)
		}
	}
	if _, err := New(true).Check("http://127.0.0.1:1/x"); err != nil {
		t.Error(err)
	}
}

// A name that leads to this machine is found out where it is dialled: 127.1 and
// 2130706433 are names to a URL and addresses to a resolver.
func TestANameThatLeadsHereIsNotFollowed(t *testing.T) {
	reached := false
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer s.Close()
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"} {
		if _, err := New(false).Post(t.Context(), "https://"+host+port+"/token", nil, nil); err == nil {
			t.Errorf("%s was reached", host)
		} else if strings.Contains(err.Error(), "token") {
			t.Errorf("the error tells the URL: %v", err)
		}
	}
	if reached {
		t.Error("this machine was reached")
	}
}

func TestRedirectsAreNotFollowedAndAnswersAreCut(t *testing.T) {
	followed := false
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/b", http.StatusTemporaryRedirect) })
	mux.HandleFunc("/b", func(http.ResponseWriter, *http.Request) { followed = true })
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 4*maxRead)) })
	s := httptest.NewServer(mux)
	defer s.Close()
	a, err := New(true).Post(t.Context(), s.URL+"/a", nil, []byte("{}"))
	if err != nil || a.Status != http.StatusTemporaryRedirect || followed {
		t.Errorf("%d %v, followed %v", a.Status, err, followed)
	}
	a, err = New(true).Post(t.Context(), s.URL+"/long", nil, []byte("{}"))
	if err != nil || len(a.Body) != maxRead {
		t.Errorf("%d bytes, %v", len(a.Body), err)
	}
}
