//go:build unix

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/heedhq/heed/test/peer"
	"github.com/heedhq/heed/test/process"
)

// agentToken makes a token for an agent behind which a member stands.
func (h *house) agentToken(scopes string) string {
	h.t.Helper()
	h.CLI("member", "add", "--email", "sam@team.example", "--role", "support")
	var made struct{ Token string }
	if err := json.Unmarshal([]byte(h.CLI("token", "create", "--name", "kb-bot", "--kind", "agent", "--scopes", scopes, "--member", "sam@team.example", "--json")), &made); err != nil {
		h.t.Fatal(err)
	}
	return made.Token
}

// desk is an agent's conversation with the tools, over stdio.
type desk struct {
	t *testing.T
	*sdk.ClientSession
}

func (h *house) desk(token string) desk {
	h.t.Helper()
	cmd := exec.Command(h.Binary, "mcp")
	cmd.Env = append(os.Environ(), "HEED_URL="+h.URL, "HEED_TOKEN="+token)
	cmd.Stderr = os.Stderr
	s, err := sdk.NewClient(&sdk.Implementation{Name: "replay", Version: "1"}, nil).Connect(context.Background(), &sdk.CommandTransport{Command: cmd}, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { s.Close() })
	return desk{h.t, s}
}

func (d desk) call(tool string, args map[string]any, out any) {
	d.t.Helper()
	res, err := d.CallTool(context.Background(), &sdk.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		d.t.Fatalf("%s: %v", tool, err)
	}
	b, err := json.Marshal(res.StructuredContent)
	if res.IsError || err != nil || json.Unmarshal(b, out) != nil {
		d.t.Fatalf("%s: %v %v", tool, res.Content, err)
	}
}

type filedItems struct {
	Items []struct {
		ID, Action string
		ExternalID string `json:"external_id"`
		Again      bool
		Escalated  bool
		Theme      *struct{ ID string }
		Candidates []struct {
			Theme  string
			Likely bool
		}
	}
}

// A support agent's day, replayed: an AI agent files 50 reports from 16 chats over
// stdio, on ten topics in both languages, five of each. The texts are those of the
// story (invented, testdata/topics.json). The agent says which belong together,
// a person decides, and everybody counts the same.
func TestAnAgentsConversationIsReplayed(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		h := &house{t: t, Process: process.New(t, process.Options{Env: map[string]string{"HEED_DATABASE__URL": database}}).Start()}
		token := h.agentToken("suggestions:write,themes:read")
		d := h.desk(token)
		topics := newStory(t).topics[:10]
		file := func(chat int, texts []string) (out filedItems) {
			asks := []map[string]any{}
			for _, text := range texts {
				asks = append(asks, map[string]any{"quote": text, "summary": "as told in chat " + fmt.Sprint(chat)})
			}
			args := map[string]any{"asks": asks, "external_id": fmt.Sprintf("chat-%03d", chat), "source": "livechat", "idempotency_key": fmt.Sprintf("chat-%03d", chat),
				"person": map[string]any{"handle": map[string]any{"channel": "livechat", "id": fmt.Sprintf("visitor-%d", chat)}}}
			d.call("file_suggestion", args, &out)
			var again filedItems // as after a lost answer
			d.call("file_suggestion", args, &again)
			if !reflect.DeepEqual(out, again) || len(out.Items) != len(texts) {
				t.Fatalf("chat %d: filed %+v, then %+v", chat, out, again)
			}
			for i, item := range out.Items {
				if item.ExternalID != fmt.Sprintf("chat-%03d#%d", chat, i+1) {
					t.Errorf("filed as %s", item.ExternalID)
				}
			}
			return out
		}
		// The first chat asks for all ten; a person makes themes of them.
		firsts := []string{}
		for _, tp := range topics {
			firsts = append(firsts, tp.said[0].text)
		}
		themes := make([]string, len(topics))
		for i, item := range file(0, firsts).Items {
			var moved struct{ Themes []struct{ ID string } }
			h.Call(http.MethodPost, api+"/suggestions/"+item.ID+"/assign", map[string]any{"new": map[string]any{"title": topics[i].title.EN}}).Want(t, http.StatusOK).Into(t, &moved)
			themes[i] = moved.Themes[0].ID
			h.Call(http.MethodPost, api+"/themes/"+themes[i]+"/confirm", map[string]any{"public_title": topics[i].title}).Want(t, http.StatusOK)
		}
		// Forty more, in chats of one to four asks of mixed topics.
		type report struct{ topic, n int }
		rest := []report{}
		for n := 1; n <= 4; n++ {
			for i := range topics {
				rest = append(rest, report{i, n})
			}
		}
		proposed, likely := 0, 0
		for chat := 1; len(rest) > 0; chat++ {
			take := rest[:min(1+chat%4, len(rest))]
			rest = rest[len(take):]
			texts := []string{}
			for _, r := range take {
				texts = append(texts, topics[r.topic].said[r.n].text)
			}
			for i, item := range file(chat, texts).Items {
				theme := themes[take[i].topic]
				if len(item.Candidates) > 0 && item.Candidates[0].Theme == theme && item.Candidates[0].Likely {
					likely++
				}
				if item.Theme != nil && item.Theme.ID == theme {
					continue
				}
				var word struct{ State string }
				d.call("propose_assignment", map[string]any{"suggestion": item.ID, "theme": theme, "note": "the same ask", "idempotency_key": "same-" + item.ID}, &word)
				if word.State != "open" {
					t.Errorf("proposed: %+v", word)
				}
				proposed++
			}
		}
		var waits struct {
			Proposals []struct{ ID, Kind, By, For, Note string }
		}
		h.get("/agent-proposals?limit=100", &waits)
		if len(waits.Proposals) != proposed || proposed == 0 {
			t.Fatalf("%d proposals wait, %d were made", len(waits.Proposals), proposed)
		}
		for _, w := range waits.Proposals {
			if w.Kind != "same" || w.By != "kb-bot" || w.Note != "the same ask" {
				t.Errorf("it waits as %+v", w)
			}
			h.Call(http.MethodPost, api+"/agent-proposals/"+w.ID+"/accept", nil).Want(t, http.StatusOK)
		}
		for i, id := range themes {
			var th struct{ Suggestions, People int }
			h.get("/themes/"+id, &th)
			if th.Suggestions != 5 {
				t.Errorf("%s holds %d suggestions, want 5", topics[i].title.EN, th.Suggestions)
			}
		}
		type counts struct {
			Total     int
			Counts    map[string]int
			Proposals map[string]int
		}
		var mine counts
		d.call("my_outcomes", map[string]any{"limit": 200}, &mine)
		if mine.Total != 50 || mine.Counts["accepted"] != 10 || mine.Counts["merged"] != 40 || mine.Counts["waiting"] != 0 || mine.Proposals["accepted"] != proposed {
			t.Errorf("the agent counts %+v", mine)
		}
		var theirs counts // the member behind it, by a token of their own
		var made struct{ Token string }
		if err := json.Unmarshal([]byte(h.CLI("token", "create", "--name", "sam", "--kind", "member", "--scopes", "admin", "--member", "sam@team.example", "--json")), &made); err != nil {
			t.Fatal(err)
		}
		a, err := h.Try(http.MethodGet, api+"/outcomes", nil, map[string]string{"Authorization": "Bearer " + made.Token})
		if err != nil || decode(a, "GET /outcomes", &theirs) != nil || fmt.Sprint(theirs.Counts) != fmt.Sprint(mine.Counts) {
			t.Errorf("the member behind it counts %+v (%v): %s", theirs, err, a.Body)
		}
		t.Logf("50 reports of 10 topics (generated from the story's texts); %d had the right theme as their first likely candidate, %d joined by decision; outcomes %v", likely, proposed, mine.Counts)
		h.sound()
		h.Stop()
	})
}

const inspectorFolder = "../inspector"

// The protocol's own inspector lists and calls every tool, over HTTP and stdio.
func TestTheInspector(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		peer.Missing(t, "inspector", err)
	}
	command := filepath.Join(inspectorFolder, "node_modules", "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js")
	if _, err := os.Stat(command); err != nil {
		peer.Missing(t, "inspector", errors.New("npm ci --ignore-scripts --prefix test/inspector has not been run"))
	}
	h := &house{t: t, Process: process.New(t, process.Options{}).Start()}
	token := h.agentToken("suggestions:write,themes:read")
	var th, said struct{ ID string }
	h.Call(http.MethodPost, api+"/themes", map[string]any{"title": "Exports"}).Want(t, http.StatusCreated).Into(t, &th)
	h.Call(http.MethodPost, api+"/suggestions", map[string]any{"text": "Export takes minutes"}).Want(t, http.StatusCreated).Into(t, &said)
	ways := map[string][]string{
		"http":  {h.URL + "/mcp", "--header", "Authorization: Bearer " + token},
		"stdio": {"-e", "HEED_URL=" + h.URL, "-e", "HEED_TOKEN=" + token, h.Binary, "mcp"},
	}
	home := t.TempDir()
	for way, target := range ways {
		inspect := func(t *testing.T, args ...string) string {
			t.Helper()
			var out, errs bytes.Buffer
			cmd := exec.Command("node", append(append([]string{command, "--cli"}, target...), args...)...)
			cmd.Stdout, cmd.Stderr = &out, &errs
			cmd.Env = append(os.Environ(), "HOME="+home)
			child, err := peer.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			if code := child.ExitCode(); code != 0 {
				t.Fatalf("inspector %v: exit code %d\n%s%s", args, code, out.String(), errs.String())
			}
			return out.String()
		}
		t.Run(way, func(t *testing.T) {
			var list struct{ Tools []struct{ Name string } }
			if err := json.Unmarshal([]byte(inspect(t, "--method", "tools/list", "--strict")), &list); err != nil || len(list.Tools) != 10 {
				t.Fatalf("%d tools (%v)", len(list.Tools), err)
			}
			calls := map[string][]string{
				"find_similar": {"text=export"}, "file_suggestion": {"quote=Export is slow by " + way, "idempotency_key=f-" + way}, "get_theme": {"theme=" + th.ID}, "list_themes": {"limit=5"},
				"vote": {"theme=" + th.ID, `person={"email":"mei@example.com"}`, "idempotency_key=v-" + way}, "triage_queue": {"limit=5"},
				"propose_assignment": {"suggestion=" + said.ID, "theme=" + th.ID, "idempotency_key=a-" + way}, "propose_status": {"theme=" + th.ID, "status=planned", "idempotency_key=s-" + way},
				"draft_follow_up": {"theme=" + th.ID, `text={"zh":"快了。"}`, "idempotency_key=d-" + way}, "my_outcomes": {"limit=5"},
			}
			for _, tool := range list.Tools {
				args := []string{"--method", "tools/call", "--tool-name", tool.Name}
				for _, a := range calls[tool.Name] {
					args = append(args, "--tool-arg", a)
				}
				began := time.Now()
				out := inspect(t, args...)
				if calls[tool.Name] == nil || !strings.Contains(out, "structuredContent") || strings.Contains(out, `"isError": true`) {
					t.Errorf("%s: %s", tool.Name, out)
				}
				t.Logf("%s over %s: %s", tool.Name, way, time.Since(began).Round(time.Millisecond))
			}
		})
	}
	h.Stop()
}

// What users and agents wrote reaches neither the public pages nor the repository,
// also when a person accepts what an agent proposed and makes an issue of it.
func TestNoInjectionReachesAPublicIssue(t *testing.T) {
	raw, err := os.ReadFile("../../server/testdata/injections.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	h := open(t, "sqlite:"+filepath.Join(t.TempDir(), "heed.db"), nil)
	d := h.desk(h.agentToken("suggestions:write,themes:read"))
	var th struct{ ID string }
	h.Call(http.MethodPost, api+"/themes", map[string]any{"title": "Team: exports"}).Want(t, http.StatusCreated).Into(t, &th)
	h.Call(http.MethodPost, api+"/themes/"+th.ID+"/confirm", map[string]any{"public_title": bilingual{"Faster exports", "更快的导出"}, "public": true}).Want(t, http.StatusOK)
	for i, text := range texts {
		var filed filedItems
		d.call("file_suggestion", map[string]any{"quote": text + " canary-public", "summary": text, "external_id": fmt.Sprint("inj-", i)}, &filed)
		if filed.Items[0].Escalated { // it reads as a theft: no agent has a say in it any more
			continue
		}
		d.call("propose_assignment", map[string]any{"suggestion": filed.Items[0].ID, "theme": th.ID, "note": text}, &struct{}{})
	}
	d.call("draft_follow_up", map[string]any{"theme": th.ID, "text": map[string]any{"en": texts[0] + " canary-public"}}, &struct{}{})
	var waits struct{ Proposals []struct{ ID string } }
	h.get("/agent-proposals?limit=100", &waits)
	for _, w := range waits.Proposals {
		h.Call(http.MethodPost, api+"/agent-proposals/"+w.ID+"/accept", nil).Want(t, http.StatusOK)
	}
	h.Call(http.MethodPost, api+"/themes/"+th.ID+"/issues", map[string]any{"create": true}).Want(t, http.StatusCreated)
	waitFor(t, "the issue is there", 20*time.Second, func() bool {
		issues := h.issues(th.ID)
		return len(issues) == 1 && issues[0].Number > 0
	})
	public := string(h.Call(http.MethodGet, "/", nil).Body) + string(h.Call(http.MethodGet, "/t/"+th.ID, nil).Body)
	issues, err := h.stand.ListIssues(context.Background(), repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, is := range issues {
		public += is.Title + is.Body
	}
	for _, word := range append([]string{"canary", "evil.example", "忽略之前"}, texts...) {
		if strings.Contains(public, word) {
			t.Errorf("published: %q", word)
		}
	}
	if !strings.Contains(public, "Faster exports") {
		t.Error("nothing was published at all")
	}
	h.Stop()
}
