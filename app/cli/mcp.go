package cli

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/heedhq/heed/server/mcp"
)

type mcpCmd struct{}

// Run relays between standard input and output and /mcp of the server at HEED_URL.
func (mcpCmd) Run(e *env) error {
	base, token, err := remote()
	if err != nil {
		return err
	}
	return mcp.Relay(e.ctx, mcp.RelayOptions{URL: base, Token: token, Locale: languageOf(os.Getenv)}, io.NopCloser(e.in), nopCloser{e.out})
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// remote is the server that client commands talk to, and the token they show it.
func remote() (base, token string, err error) {
	base, token = strings.TrimRight(os.Getenv("HEED_URL"), "/"), os.Getenv("HEED_TOKEN")
	if base == "" || token == "" {
		return "", "", errors.New("set HEED_URL (such as http://127.0.0.1:8080) and HEED_TOKEN (from /settings/tokens, or: heed token create)")
	}
	return base, token, nil
}

// languageOf is the terminal's language as a server understands it: zh for
// "zh_CN.UTF-8", "" where nothing is set.
func languageOf(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			lang, _, _ := strings.Cut(strings.ReplaceAll(v, "_", "-"), ".")
			if lang == "C" || lang == "POSIX" {
				return ""
			}
			return lang
		}
	}
	return ""
}
