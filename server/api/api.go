package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/notifier/webhooks"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/themes"
)

// Services are what the API calls.
type Services struct {
	Intake   *intake.Intake
	Themes   *themes.Themes
	Notifier *notifier.Notifier
	Webhooks *webhooks.Hooks
	Sync     *issuesync.Sync
	People   *people.People
	Catalog  *i18n.Catalog
	// Announce gives a status and says who will hear of it; Consider only says so, and
	// exact counts them one by one. They read a whole audience: not inside of a Write.
	Announce func(ctx context.Context, a auth.Actor, theme string, c themes.StatusChange) (Announced, error)
	Consider func(ctx context.Context, a auth.Actor, theme string, c themes.StatusChange, exact bool) (Announced, error)
	// WriteUpdate, Ship: an update and a release, or with dryRun what they would be.
	WriteUpdate func(ctx context.Context, a auth.Actor, theme string, u themes.Update, dryRun bool) (UpdateWritten, error)
	Ship        func(ctx context.Context, a auth.Actor, r themes.Release, dryRun bool) (Shipped, error)
	// Solved and Solve are behind the links of mails that ask whether what shipped solves
	// it, Meant and NotMeant behind those of "this is not what I meant".
	Solved   func(ctx context.Context, token string) (SolvedPage, error)
	Solve    func(ctx context.Context, token string, solved bool, words, instead string) (SolvedPage, error)
	Meant    func(ctx context.Context, token string) ([]themes.JoinedTheme, auth.Actor, error)
	NotMeant func(ctx context.Context, token, suggestion, words string) (intake.Filed, error)
}

// Announced is a status that was given, or would be.
type Announced struct {
	Activity string
	Theme    *models.Theme
	Audience notifier.Preview
}

// API holds what its operations need.
type API struct {
	Services
	problems web.Problems
	huma     huma.API
}

// Prefix is where the API lives.
const Prefix = "/api/v1"

// Mount adds the API to an echo group that has authenticated its caller.
func Mount(e *echo.Echo, group *echo.Group, s Services) *API {
	// Bodies are bounded before; what may hold a secret goes into no temporary file.
	humaecho.MultipartMaxMemory = 64 << 20
	a := &API{Services: s, problems: web.Problems{Catalog: s.Catalog, Unsaid: s.Intake.Unsaid}}
	a.ownErrors()
	c := huma.DefaultConfig("Heed", "1")
	c.Info.Description = "Heed turns what users say into a roadmap, and tells every one of them what became of it."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // no $schema links in answers
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "A token made by: heed token create"}}
	c.Security = []map[string][]string{{"token": {}}}
	c.Servers = []*huma.Server{{URL: Prefix}}
	a.huma = humaecho.NewWithGroup(e, group, c)
	a.huma.UseMiddleware(a.onlyTeam)
	a.suggestions()
	a.thread()
	a.triage()
	a.themes()
	a.decisions()
	a.promises()
	a.promiseWrites()
	a.proposals()
	a.links()
	a.followUps()
	a.preferences()
	a.emergencies()
	a.quality()
	a.outcomes()
	a.rules()
	a.persons()
	a.accounts()
	a.agentWords()
	a.webhooks()
	a.told()
	return a
}

// onlyTeam: the API is for tokens and members. People have the portal, which
// bounds how often they write and what they claim.
func (a *API) onlyTeam(c huma.Context, next func(huma.Context)) {
	if web.Actor(c.Context()).Kind != models.ActorPerson {
		next(c)
		return
	}
	p := a.problems.From(c.Context(), models.Fail(models.Forbidden, "team_only"))
	c.SetHeader("Content-Type", p.ContentType(""))
	c.SetStatus(p.GetStatus())
	if err := json.NewEncoder(c.BodyWriter()).Encode(p); err != nil {
		slog.Debug("answer not taken", "request_id", web.RequestID(c.Context()), "error", err)
	}
}

// OpenAPI serves the description of everything mounted.
func (a *API) OpenAPI(c echo.Context) error { return c.JSON(http.StatusOK, a.huma.OpenAPI()) }

// answer is any operation's output.
type answer[T any] struct {
	Status   int
	Replayed string `header:"Idempotency-Replayed" doc:"true when this is the answer to an earlier request with the same key"`
	Body     T
}

// Keyed is the part of a POST that makes it safe to repeat.
type Keyed struct {
	Key string `header:"Idempotency-Key" doc:"Any text of up to 200 characters: the same key within 24 hours gets the same answer" maxLength:"200"`
}

// register adds an operation; its errors become Problems.
func register[I, T any](a *API, method, path, summary string, fn func(context.Context, *I) (T, error)) {
	huma.Register(a.huma, operation(method, path, summary, http.StatusOK), func(ctx context.Context, in *I) (*answer[T], error) {
		body, err := fn(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &answer[T]{Status: http.StatusOK, Body: body}, nil
	})
}

// post is register for what changes something: it runs once per key. status is
// that of a first success unless fn names another. before runs outside of the
// transaction: what takes time and stores nothing belongs there.
func post[I, T any](a *API, path, summary string, status int, key func(*I) *Keyed, fn func(context.Context, *I) (T, int, error), before ...func(context.Context, *I) error) {
	huma.Register(a.huma, operation(http.MethodPost, path, summary, status), func(ctx context.Context, in *I) (*answer[T], error) {
		k := key(in)
		out := &answer[T]{}
		prepare := func(ctx context.Context) error {
			for _, f := range before {
				if err := f(ctx, in); err != nil {
					return err
				}
			}
			return nil
		}
		run := func(ctx context.Context) (intake.Answer, error) {
			var err error
			if out.Body, out.Status, err = fn(ctx, in); err != nil {
				return intake.Answer{}, err
			}
			if out.Status == 0 {
				out.Status = status
			}
			if k.Key == "" {
				return intake.Answer{}, nil
			}
			b, err := json.Marshal(out.Body)
			return intake.Answer{Status: out.Status, Body: string(b)}, err
		}
		ans, replayed, err := a.Intake.Once(ctx, web.Actor(ctx), k.Key, requestOf(ctx), intake.Work{Before: prepare, Do: run})
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		if replayed {
			out.Status, out.Replayed = ans.Status, "true"
			if err := json.Unmarshal([]byte(ans.Body), &out.Body); err != nil {
				return nil, a.fail(ctx, err)
			}
		}
		return out, nil
	})
}

type requestKey struct{}

// WithRequest keeps method, path and body for the idempotency keys. (A RawBody of
// huma's would make every body required.)
func WithRequest(ctx context.Context, line string, body []byte) context.Context {
	return context.WithValue(ctx, requestKey{}, append([]byte(line+"\n"), body...))
}

func requestOf(ctx context.Context) []byte { b, _ := ctx.Value(requestKey{}).([]byte); return b }

func operation(method, path, summary string, status int) huma.Operation {
	// huma's timeout for the body is a read deadline that it never takes back: five
	// seconds into a slow request it cancels the whole connection's context.
	return huma.Operation{BodyReadTimeout: -1, Method: method, Path: path, Summary: summary, OperationID: operationID(method, path), DefaultStatus: status,
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}}
}
