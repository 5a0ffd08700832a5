package console

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/mcp"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// counted is of how many tokens the outcomes are counted.
const countedTokens = 50

// tokens lists the tokens that a member may manage, with what became of what each
// filed, and makes new ones.
func (c *Console) tokens(ec echo.Context) error {
	return c.showTokens(ec, http.StatusOK, nil, ui.TokenForm{Kind: models.TokenAgent, Errors: map[string]string{}}, []string{string(auth.ScopeSuggestionsWrite), string(auth.ScopeThemesRead)})
}

func (c *Console) showTokens(ec echo.Context, status int, fresh *ui.FreshToken, f ui.TokenForm, chosen []string) error {
	actor, p := actorOf(ec), c.Printer(ec)
	d := ui.Tokens{Fresh: fresh, Form: f, Admin: auth.Can(actor, auth.Administer) == nil, Endpoint: c.PublicURL + mcp.Path}
	var err error
	if d.Rows, err = c.tokenRows(ec); err != nil {
		return err
	}
	for _, k := range auth.TokenKinds() {
		if k != models.TokenService || d.Admin {
			d.Form.Kinds = append(d.Form.Kinds, ui.Option{Value: k, Label: p.T("tokens.kind." + k), Selected: k == f.Kind})
		}
	}
	for _, s := range auth.Scopes() {
		if s == auth.ScopeAdmin && !d.Admin {
			continue
		}
		d.Form.Scopes = append(d.Form.Scopes, ui.Option{Value: string(s), Label: p.T("scope." + string(s)), Selected: contains(chosen, string(s))})
	}
	v := c.view(ec, p.T("nav.tokens"))
	if ec.Request().Method != http.MethodGet {
		v.Path = "/settings/tokens"
	}
	return c.Show(ec, status, v, ui.PageTokens, d)
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (c *Console) tokenRows(ec echo.Context) ([]ui.TokenRow, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	ts, err := c.auth.TokensFor(ctx, actor)
	if err != nil {
		return nil, err
	}
	members, err := c.auth.Members(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, m := range members {
		if names[m.ID] = m.Name; m.Name == "" {
			names[m.ID] = m.Email
		}
	}
	rows := make([]ui.TokenRow, 0, len(ts))
	for i := range ts {
		t := &ts[i]
		limits := c.auth.LimitsOf(t)
		r := ui.TokenRow{ID: t.ID, Name: t.Name, Kind: t.Kind, Shown: t.Prefix + "…" + t.Last4, Member: names[t.MemberID], Scopes: strings.Fields(t.Scopes), Consent: t.ClientID != "",
			PerHour: limits.Hour, PerDay: limits.Day, Created: t.CreatedAt, Used: at(t.LastUsedAt), Expires: at(t.ExpiresAt), Revoked: at(t.RevokedAt), CanRevoke: actor.TokenID == ""}
		if i < countedTokens && t.Kind != models.TokenMember && t.LastUsedAt != nil {
			o, err := c.s.Intake.Outcomes(ctx, actor, intake.OutcomeFilter{Filer: t.ID, Limit: 1})
			if err != nil {
				return nil, err
			}
			n := o.Counts
			r.Filed, r.Waiting, r.Closed, r.Merged = o.Total, n[models.OutcomeWaiting], n[models.OutcomeClosed], n[models.OutcomeMerged]
			r.Accepted = o.Total - r.Waiting - r.Closed - r.Merged
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func at(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// makeToken makes a token and shows it, this once: nothing keeps its secret, but for the
// same form pressed again (web.Shut).
func (c *Console) makeToken(ec echo.Context) error {
	values, err := ec.FormParams()
	if err != nil {
		return err
	}
	f := ui.TokenForm{Name: strings.TrimSpace(ec.FormValue("name")), Kind: ec.FormValue("kind"), Hourly: strings.TrimSpace(ec.FormValue("hourly_limit")), Daily: strings.TrimSpace(ec.FormValue("daily_limit")),
		Expires: strings.TrimSpace(ec.FormValue("expires_at")), Errors: map[string]string{}}
	n, err := newToken(f, values["scopes"])
	var end web.Ending
	secret := ""
	if err == nil {
		end, err = c.once(ec, nil, func(ctx context.Context) (web.Ending, error) {
			fresh, row, err := c.auth.GiveToken(ctx, actorOf(ec), n)
			if err != nil {
				return web.Ending{}, err
			}
			secret = fresh
			shut, err := web.Shut(ec, fresh)
			return web.Ending{Path: row.Name, Note: shut}, err
		})
	}
	if err != nil {
		messages, ok := c.Fields(contextOf(ec), err, nil)
		if !ok {
			return err
		}
		f.Errors, f.Name = messages, c.s.Intake.NameOf(f.Name)
		return c.showTokens(ec, http.StatusUnprocessableEntity, nil, f, values["scopes"])
	}
	if secret == "" { // the button was pressed twice
		if secret, err = web.Unshut(ec, end.Note); err != nil {
			return err
		}
	}
	blank := ui.TokenForm{Kind: models.TokenAgent, Errors: map[string]string{}}
	return c.showTokens(ec, http.StatusOK, &ui.FreshToken{Name: end.Path, Secret: secret}, blank, []string{string(auth.ScopeSuggestionsWrite)})
}

func newToken(f ui.TokenForm, scopes []string) (auth.NewToken, error) {
	n := auth.NewToken{Name: f.Name, Kind: f.Kind}
	for _, s := range scopes {
		n.Scopes = append(n.Scopes, auth.Scope(s))
	}
	for field, to := range map[string]struct {
		from string
		at   **int
	}{"hourly_limit": {f.Hourly, &n.HourlyLimit}, "daily_limit": {f.Daily, &n.DailyLimit}} {
		if to.from == "" {
			continue
		}
		i, err := strconv.Atoi(to.from)
		if err != nil {
			return n, models.BadField(field, "limit_range", auth.MaxLimit)
		}
		*to.at = &i
	}
	if f.Expires != "" {
		day, err := time.Parse(time.DateOnly, f.Expires)
		if err != nil {
			return n, models.BadField("expires_at", "date_unreadable", f.Expires)
		}
		n.ExpiresAt = &day
	}
	return n, nil
}

// revokeToken ends a token at once.
func (c *Console) revokeToken(ec echo.Context) error {
	t, err := c.auth.TakeToken(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		if web.WantsJSON(ec.Request()) {
			return c.RefuseJSON(ec, err, nil)
		}
		return c.sorry(ec, "/settings/tokens", err)
	}
	return c.finish(ec, "/settings/tokens", done{"", c.Printer(ec).T("toast.token.revoked", t.Name)})
}
