//go:build unix

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tyler-smith/go-bip39"
	"github.com/tyler-smith/go-bip39/wordlists"

	"github.com/heedhq/heed/models/modelstest"
)

// A door is one way in. It sends a secret in one field and says what it got back; a
// new way in is one more line of doors.
type door struct {
	name string
	send func(h *house, t *testing.T, secret string) (answer []byte)
	// alarms: the secret is a person's, so it is an emergency, taken or refused.
	alarms bool
}

// freshPhrase is a phrase that nobody has: its words are searched for everywhere.
func freshPhrase(t *testing.T, rng *rand.Rand, list []string) string {
	t.Helper()
	bip39.SetWordList(list)
	defer bip39.SetWordList(wordlists.English)
	entropy := make([]byte, 16)
	for i := range entropy {
		entropy[i] = byte(rng.Uint32())
	}
	phrase, err := bip39.NewMnemonic(entropy)
	if err != nil {
		t.Fatal(err)
	}
	return phrase
}

func (h *house) rest(method, path string, body any) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		a, err := h.Try(method, api+path, body, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.Status >= 500 {
			t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
		}
		return a.Body
	}
}

// form posts a form of the portal or the console, as a browser does.
func (h *house) form(t *testing.T, c *http.Client, path string, pairs ...string) []byte {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	res, err := c.PostForm(h.URL+path, v)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 500 {
		t.Errorf("POST %s: %d", path, res.StatusCode)
	}
	return b
}

func doors(staff *http.Client, theme string) []door {
	post := func(path string, body func(s string) any) func(*house, *testing.T, string) []byte {
		return func(h *house, t *testing.T, s string) []byte { return h.rest("POST", path, body(s))(t) }
	}
	suggestion := func(field string) door {
		return door{"REST " + field, post("/suggestions", func(s string) any {
			b := map[string]any{"text": "Importing fails, see field " + field}
			b[field] = "here: " + s
			return b
		}), true}
	}
	out := []door{
		suggestion("text"), suggestion("title"), suggestion("quote"), suggestion("summary"), suggestion("product"), suggestion("source"), suggestion("version"),
		{"REST context", post("/suggestions", func(s string) any {
			return map[string]any{"text": "Importing fails, log attached", "context": map[string]any{"log": []any{"a", map[string]any{s: s}}}}
		}), true},
		{"REST person's name", post("/suggestions", func(s string) any {
			return map[string]any{"text": "Importing fails for him", "person": map[string]any{"email": "name@example.test", "name": s, "segment": s}}
		}), true},
		{"REST external id", post("/suggestions", func(s string) any { return map[string]any{"text": "Importing fails", "external_id": s} }), true},
		{"REST handle", post("/suggestions", func(s string) any {
			return map[string]any{"text": "Importing fails", "person": map[string]any{"handle": map[string]any{"channel": "telegram", "id": s}}}
		}), true},
		{"REST kind, refused", post("/suggestions", func(s string) any { return map[string]any{"text": "Importing fails", "kind": s} }), true},
		{"MCP", func(h *house, t *testing.T, s string) []byte {
			a, err := h.Try("POST", "/mcp", map[string]any{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": map[string]any{"name": "file_suggestion",
				"arguments": map[string]any{"quote": "it fails: " + s, "summary": "import fails " + s, "person": map[string]any{"email": "mcp@example.test", "name": "Jo"}}}},
				map[string]string{"Accept": "application/json, text/event-stream"})
			if err != nil {
				t.Fatal(err)
			}
			return a.Body
		}, true},
		{"REST attachment", func(h *house, t *testing.T, s string) []byte {
			var made struct{ ID string }
			if err := json.Unmarshal(post("/suggestions", func(string) any { return map[string]any{"text": "Restoring ends with an error, log attached"} })(h, t, s), &made); err != nil {
				t.Fatal(err)
			}
			var body bytes.Buffer
			w := multipart.NewWriter(&body)
			part, err := w.CreateFormFile("file", "app.log")
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(part, "restore failed\nwords: %s\ndone\n", s)
			w.Close()
			a, err := h.Try("POST", api+"/suggestions/"+made.ID+"/attachments", body.Bytes(), map[string]string{"Content-Type": w.FormDataContentType()})
			if err != nil || a.Status != http.StatusCreated {
				t.Fatalf("%d %s %v", a.Status, a.Body, err)
			}
			if !bytes.Contains(h.rest("GET", "/emergencies", nil)(t), []byte(made.ID)) {
				return a.Body
			}
			return append(a.Body, `"escalated":true`...)
		}, true},
		{"REST idempotency key", func(h *house, t *testing.T, s string) []byte {
			a, err := h.Try("POST", api+"/suggestions", map[string]any{"text": "Importing fails with a key"}, map[string]string{"Idempotency-Key": url.QueryEscape(s)})
			if err != nil {
				t.Fatal(err)
			}
			return a.Body
		}, false},
		{"REST vote", post("/themes/"+theme+"/votes", func(s string) any {
			return map[string]any{"person": map[string]any{"email": "vote@example.test", "name": s}}
		}), true},
		{"REST theme title", post("/themes", func(s string) any { return map[string]any{"title": s} }), false},
		{"REST public title", func(h *house, t *testing.T, s string) []byte {
			return h.rest("PATCH", "/themes/"+theme, map[string]any{"public_title": s, "public_text": s})(t)
		}, false},
		{"REST reason", post("/themes/"+theme+"/status", func(s string) any { return map[string]any{"status": "declined", "reason": s} }), false},
		{"REST new title", post("/suggestions/sug_none/assign", func(s string) any { return map[string]any{"new": map[string]any{"title": s}} }), false},
		{"REST search", func(h *house, t *testing.T, s string) []byte {
			h.rest("GET", "/similar?text="+url.QueryEscape(s), nil)(t)
			h.rest("GET", "/themes?q="+url.QueryEscape(s), nil)(t)
			return h.rest("GET", "/suggestions?state="+url.QueryEscape(s)+"&q="+url.QueryEscape(s), nil)(t)
		}, false},
		{"REST path", func(h *house, t *testing.T, s string) []byte {
			return h.rest("GET", "/suggestions/"+url.PathEscape(s), nil)(t)
		}, false},
		{"portal form", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, visitor(t), "/suggest", "title", "It fails", "text", "see "+s, "email", "form@example.test", "name", "Wei")
		}, true},
		{"portal name", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, visitor(t), "/suggest", "title", "It fails for me", "text", "see", "email", "form@example.test", "name", s)
		}, true},
		{"portal form, refused", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, visitor(t), "/suggest", "title", strings.Repeat("It fails ", 50), "text", "see "+s, "email", "form@example.test")
		}, true},
		{"portal receipt", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, visitor(t), "/receipt", "code", s)
		}, true},
		{"portal sign-in", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, visitor(t), "/sign-in", "email", s)
		}, true},
		{"portal link that is none", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, visitor(t), "/preferences/none", "phrase", s)
		}, true},
		{"portal search", func(h *house, t *testing.T, s string) []byte {
			for _, path := range []string{"/?q=", "/suggest?title=", "/similar-fragment?text=", "/nowhere/", "/t/"} {
				res, err := http.Get(h.URL + path + url.QueryEscape(s))
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
			}
			return nil
		}, false},
		{"quick capture", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, staff, "/capture", "text", "he said "+s, "email", "captured@example.test", "name", "Jo")
		}, true},
		{"console texts", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, staff, "/themes/"+theme+"/texts", "title", s, "public_title_en", s, "public_text_zh", s, "rev", "0")
		}, false},
		{"console search", func(h *house, t *testing.T, s string) []byte {
			for _, path := range []string{"/inbox?q=", "/themes?q=", "/capture/similar?text="} {
				res, err := staff.Get(h.URL + path + url.QueryEscape(s))
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
			}
			return nil
		}, false},
		{"command line", func(h *house, t *testing.T, s string) []byte {
			out, said, _ := h.TryCLI("It fails: "+s, "suggest", "--json", "-")
			return []byte(out + said)
		}, true},
	}
	return out
}

// visitor is a browser that nobody knows.
func visitor(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// traces are the forms in which a phrase might survive somewhere: whole, some of its
// words in a row, escaped, and as base64 in a mail.
func traces(phrase string) (out []string) {
	words := strings.Fields(phrase)
	sep := " "
	if len([]rune(words[0])) == 1 {
		sep = ""
		words = strings.Split(strings.Join(words, ""), "")
	}
	for _, at := range []int{0, 4, 8} {
		four := strings.Join(words[at:at+4], sep)
		quoted, _ := json.Marshal(four)
		out = append(out, four, strings.Join(words[at:at+4], " "), url.QueryEscape(four), strings.Trim(string(quoted), `"`), base64.StdEncoding.EncodeToString([]byte(four))[:8])
	}
	return out
}

// Whatever door a recovery phrase comes in by, nothing of it is in the database, its
// log, what the process prints, mail, GitHub, or what anybody can ask for later; who
// sent it in a suggestion is told so, and the team is alerted.
func TestNoDoorKeepsAPhrase(t *testing.T) {
	database := modelstest.SQLiteURL(t)
	h := open(t, database, map[string]string{"HEED_LOG__LEVEL": "debug", "HEED_EMERGENCY__ALERT_TO": "owner, pager@ops.test",
		"HEED_FOLLOWUPS__SETTLE": "1s", "HEED_FOLLOWUPS__WINDOW": "0s", "HEED_FOLLOWUPS__DAILY_LIMIT": "0", "HEED_FOLLOWUPS__QUIET_HOURS": ""})
	staff := h.staff(t)
	var made struct{ ID string }
	h.Call("POST", api+"/themes", map[string]any{"title": "Import"}).Want(t, http.StatusCreated).Into(t, &made)
	h.Call("POST", api+"/themes/"+made.ID+"/confirm", map[string]any{"public_title": bilingual{"Importing works", "导入正常"}, "public": true}).Want(t, http.StatusOK)
	h.Call("POST", api+"/themes/"+made.ID+"/issues", map[string]any{"create": true})
	people := h.askPeople(t, 4) // two lists of words, and two answers with each
	all := append(doors(staff, made.ID), talkDoors(made.ID, h.talker(t, "talker@example.test"), people)...)
	rng := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	var sent []string
	alarms := 0
	for name, list := range map[string][]string{"english": wordlists.English, "chinese": wordlists.ChineseSimplified} {
		for _, d := range all {
			phrase := freshPhrase(t, rng, list)
			secret := phrase
			if name == "chinese" {
				secret = strings.ReplaceAll(phrase, " ", "")
			}
			sent = append(sent, phrase)
			answer := d.send(h, t, secret)
			if d.alarms {
				alarms++
				if !bytes.Contains(answer, []byte(`"escalated":true`)) && !bytes.Contains(answer, []byte("move your assets now")) && !bytes.Contains(answer, []byte("立即转移资产")) && !bytes.Contains(answer, []byte("EMERGENCY")) && !bytes.Contains(answer, []byte("Emergencies")) {
					t.Errorf("%s, %s: nobody in danger is told so: %.300s", d.name, name, answer)
				}
			}
		}
	}
	var list struct{ Open int }
	h.get("/emergencies", &list)
	if list.Open != alarms {
		t.Errorf("%d emergencies are open, want %d", list.Open, alarms)
	}
	waitFor(t, "the team is alerted", 15*time.Second, func() bool { return len(h.sink.For("pager@ops.test")) > 0 })
	for _, to := range []string{"form@example.test", "talk@example.test", "talker@example.test"} {
		waitFor(t, "the person is told: "+to, 15*time.Second, func() bool { return len(h.advised(t, to)) > 0 })
	}
	kept := h.everything(t, staff, made.ID)
	for _, to := range []string{"talk@example.test", "talker@example.test"} {
		if n := len(h.advised(t, to)); n != 1 {
			t.Errorf("%s has %d mails with advice for one cause on one day", to, n)
		}
	}
	if b := kept["the page /t/"+made.ID]; bytes.Contains(b, []byte("···")) || !bytes.Contains(b, []byte("Importing works")) {
		t.Errorf("something secret was said in public: %.2000s", b)
	}
	folder := filepath.Dir(strings.TrimPrefix(database, "sqlite:"))
	h.files(t, kept, "while it ran: ", folder) // with what the database has not carried over yet
	h.Stop()
	h.files(t, kept, "", folder)
	heads, size := map[[8]byte][]string{}, 0
	for _, phrase := range sent {
		for _, trace := range traces(phrase) {
			heads[[8]byte([]byte(trace))] = append(heads[[8]byte([]byte(trace))], trace)
		}
	}
	for where, b := range kept {
		size += len(b)
		for i := 0; i+8 <= len(b); i++ {
			for _, trace := range heads[[8]byte(b[i:])] {
				if bytes.HasPrefix(b[i:], []byte(trace)) {
					t.Errorf("%q is in %s: …%q…", trace, where, b[max(0, i-60):min(len(b), i+60)])
				}
			}
		}
	}
	t.Logf("%d phrases by %d doors: no trace in %d places, %d KB", len(sent), len(sent)/2, len(kept), size>>10)
}

// advised are the mails to somebody that say what to do with a secret that was sent.
func (h *house) advised(t *testing.T, to string) (subjects []string) {
	t.Helper()
	for _, m := range h.sink.For(to) {
		if s := m.Read(t).Subject; strings.Contains(s, "Act now") || strings.Contains(s, "新钱包") {
			subjects = append(subjects, s)
		}
	}
	return subjects
}

// everything is what can be read while heed runs.
func (h *house) everything(t *testing.T, staff *http.Client, theme string) map[string][]byte {
	t.Helper()
	kept := map[string][]byte{}
	for _, path := range []string{"/suggestions?limit=500", "/suggestions?state=inbox&limit=500", "/themes", "/emergencies?all=true&limit=200", "/deliveries?limit=100", "/activities", "/comments/waiting", "/themes/" + theme + "/comments", "/similar?text=" + url.QueryEscape("importing fails here recovery phrase")} {
		kept["the answer of "+path] = h.rest("GET", path, nil)(t)
	}
	for _, path := range []string{"/inbox", "/emergencies?all=1", "/themes", "/followups", "/comments", "/themes/" + theme, "/t/" + theme, "/"} {
		res, err := staff.Get(h.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		kept["the page "+path] = b
	}
	for i, m := range h.sink.Mails() {
		p := m.Read(t)
		kept[fmt.Sprintf("mail %d to %s", i, m.To)] = append(append([]byte{}, m.Raw...), p.Text+p.HTML+p.Subject...)
	}
	for i, w := range h.stand.Writes() {
		kept[fmt.Sprintf("write %d to GitHub", i)] = append([]byte(w.Path), w.Body...)
	}
	return kept
}

// files adds what lies on the disk: the database, its log, what the process printed.
func (h *house) files(t *testing.T, kept map[string][]byte, when, folder string) {
	t.Helper()
	found := 0
	for _, dir := range []string{h.Dir, folder} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			kept[when+"the file "+path] = b
			if strings.HasSuffix(path, ".db") {
				found++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 {
		t.Error("no database was read")
	}
	if !strings.Contains(h.Log(), "level=DEBUG") {
		t.Error("the log has no debug lines to look at")
	}
}
