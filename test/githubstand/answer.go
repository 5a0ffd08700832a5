//go:build unix

package githubstand

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
)

const (
	docREST           = "https://docs.github.com/rest"
	docPrimaryLimit   = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"
	docSecondaryLimit = docPrimaryLimit + "#about-secondary-rate-limits"
)

// reply is an answer before it leaves. Status 0 means: cut the connection.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// refusal is GitHub's error body.
func refusal(status int, message, doc string) reply {
	return jsonReply(status, map[string]any{"message": message, "documentation_url": doc, "status": itoa(status)})
}

// invalid is GitHub's 422 for one field.
func invalid(resource, field, code string) reply {
	return jsonReply(http.StatusUnprocessableEntity, map[string]any{
		"message": "Validation Failed", "documentation_url": docREST, "status": "422",
		"errors": []map[string]string{{"resource": resource, "field": field, "code": code, "message": field + " is not acceptable"}},
	})
}

func jsonReply(status int, v any) reply {
	body, err := json.Marshal(v)
	if err != nil {
		// Only values built in this package come here; a failure is a bug in it.
		return reply{status: http.StatusInternalServerError, header: http.Header{}, body: []byte(err.Error())}
	}
	rep := reply{status: status, header: http.Header{}, body: body}
	rep.header.Set("Content-Type", "application/json; charset=utf-8")
	return rep
}

var fraction = regexp.MustCompile(`(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z`)

// wholeSeconds rewrites times as GitHub sends them.
func wholeSeconds(body []byte) []byte { return fraction.ReplaceAll(body, []byte("${1}Z")) }

// likeGitHub repairs emulate's error bodies: GitHub repeats the status as text and
// points at its own documentation.
func (rep reply) likeGitHub() reply {
	rep.body = wholeSeconds(rep.body)
	if rep.status < 400 {
		return rep
	}
	var m map[string]any
	if json.Unmarshal(rep.body, &m) != nil || m["message"] == nil {
		return rep
	}
	m["status"], m["documentation_url"] = itoa(rep.status), docREST
	fixed := jsonReply(rep.status, m)
	rep.body = fixed.body
	return rep
}

// revalidate adds the ETag (which differs by token, as on GitHub) and turns the
// answer into a 304 when the caller has it already.
func (rep reply) revalidate(r *http.Request, token string) reply {
	if r.Method != http.MethodGet || rep.status != http.StatusOK {
		return rep
	}
	sum := sha256.Sum256(append([]byte(token+"\n"), rep.body...))
	tag := `W/"` + hex.EncodeToString(sum[:]) + `"`
	rep.header.Set("ETag", tag)
	rep.header.Set("Cache-Control", "private, max-age=60, s-maxage=60")
	rep.header.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
	if r.Header.Get("If-None-Match") == tag {
		rep.status, rep.body = http.StatusNotModified, nil
		rep.header.Del("Content-Type")
	}
	return rep
}

// write sends the reply, or resets the connection for the zero one.
func (rep reply) write(w http.ResponseWriter) {
	if rep.status == 0 {
		cut(w)
		return
	}
	for k, v := range rep.header {
		w.Header()[k] = v
	}
	if rep.status != http.StatusNotModified && rep.status != http.StatusNoContent {
		w.Header().Set("Content-Length", itoa(len(rep.body)))
	}
	w.WriteHeader(rep.status)
	// The caller may have hung up: that is its own affair.
	_, _ = w.Write(rep.body)
}

// cut resets the connection, so that the caller cannot take it for an orderly end.
func cut(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // no way to take the socket: net/http closes it
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // an orderly close is still a lost answer
	}
	_ = c.Close()
}

func itoa(n int) string { return strconv.Itoa(n) }

// guid is a random identifier in the form of a UUID.
func guid() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails since Go 1.24
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
