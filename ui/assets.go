package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// assetPrefix is where the server mounts Assets.
const assetPrefix = "/assets/"

// ContentSecurityPolicy is the policy every page of this package lives under.
// The demo mail's own document (/dev/mail/{id}/html) needs MailPolicy instead.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// MailPolicy lets a rendered mail show its own inline styles in a frame of our
// pages, and nothing else: no script, no remote image, no form.
const MailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"

// bundle is what `make assets` left in dist/: logical name → hashed file name.
type bundle struct {
	files fs.FS
	names map[string]string
}

// readBundle reads the manifest. Its absence is not an error: the bundle is
// simply not made yet.
func readBundle(files fs.FS) (*bundle, error) {
	b := &bundle{files: files}
	raw, err := fs.ReadFile(files, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ui: read asset manifest: %w", err)
	}
	if err := json.Unmarshal(raw, &b.names); err != nil {
		return nil, fmt.Errorf("ui: parse asset manifest: %w", err)
	}
	return b, nil
}

// built reports whether `make assets` has run.
func (b *bundle) built() bool { return b.names != nil }

// url returns the address of an asset by its logical name, or "" when it is
// not there.
func (b *bundle) url(name string) string {
	if hashed, ok := b.names[name]; ok {
		return assetPrefix + hashed
	}
	return ""
}

// types of what the bundle holds; the system's MIME table differs by machine.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// Assets serves the bundle below /assets/. Names carry a hash of their content,
// so answers never expire; anything that is not in the manifest is a 404.
func (u *UI) Assets() http.Handler {
	known := map[string]bool{}
	for _, hashed := range u.bundle.names {
		known[hashed] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, assetPrefix)
		if !known[name] {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("Content-Type", contentTypes[path.Ext(name)])
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeFileFS(w, r, u.bundle.files, name)
	})
}
