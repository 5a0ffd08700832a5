package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token; it is printed once."`
	List   tokenListCmd   `cmd:"" help:"List tokens."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token."`
}

type tokenCreateCmd struct {
	Name    string   `required:"" help:"What it is for."`
	Kind    string   `required:"" enum:"agent,member,service" help:"Who speaks through it: agent, member or service."`
	Scopes  []string `required:"" help:"Comma-separated: suggestions:write, themes:read, themes:write, followups:send, admin."`
	Member  string   `help:"E-mail of the member behind it."`
	Expires string   `help:"A day such as 2027-01-31."`
	JSON    bool     `help:"Print JSON."`
}

// Run makes a token.
func (c *tokenCreateCmd) Run(e *env) error {
	n := auth.NewToken{Name: c.Name, Kind: c.Kind, MemberEmail: c.Member}
	for _, s := range c.Scopes {
		n.Scopes = append(n.Scopes, auth.Scope(strings.TrimSpace(s)))
	}
	if c.Expires != "" {
		at, err := time.Parse(time.DateOnly, c.Expires)
		if err != nil {
			return fmt.Errorf("--expires: write a day as 2027-01-31")
		}
		n.ExpiresAt = &at
	}
	return e.offline(func(a *app.App) error {
		secret, row, err := a.Auth.CreateToken(e.ctx, n)
		if err != nil {
			return a.Explain(err)
		}
		if c.JSON {
			return e.json(map[string]any{"id": row.ID, "token": secret, "name": row.Name, "kind": row.Kind, "scopes": strings.Fields(row.Scopes), "expires_at": row.ExpiresAt})
		}
		fmt.Fprintf(e.out, "%s\nKept as a hash: this is the only time it is shown.\n", secret)
		return nil
	})
}

type tokenListCmd struct {
	JSON bool `help:"Print JSON."`
}

type tokenLine struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Kind    string     `json:"kind"`
	Shown   string     `json:"shown"`
	Scopes  []string   `json:"scopes"`
	Created time.Time  `json:"created_at"`
	Revoked *time.Time `json:"revoked_at"`
}

// Run lists tokens; their secrets are not kept.
func (c *tokenListCmd) Run(e *env) error {
	return e.offline(func(a *app.App) error {
		rows, err := a.Auth.ListTokens(e.ctx)
		if err != nil {
			return err
		}
		lines := make([]tokenLine, 0, len(rows))
		for _, r := range rows {
			lines = append(lines, tokenLine{r.ID, r.Name, r.Kind, r.Prefix + "…" + r.Last4, strings.Fields(r.Scopes), r.CreatedAt, r.RevokedAt})
		}
		if c.JSON {
			return e.json(lines)
		}
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		for _, l := range lines {
			state := "live"
			if l.Revoked != nil {
				state = "revoked"
			}
			fmt.Fprintln(w, strings.Join([]string{l.ID, l.Name, l.Kind, l.Shown, strings.Join(l.Scopes, ","), l.Created.Format(time.DateOnly), state}, "\t"))
		}
		return w.Flush()
	})
}

type tokenRevokeCmd struct {
	ID string `arg:"" help:"The token's id (heed token list)."`
}

// Run revokes a token.
func (c *tokenRevokeCmd) Run(e *env) error {
	return e.offline(func(a *app.App) error { return a.Explain(a.Auth.RevokeToken(e.ctx, c.ID)) })
}

type memberCmd struct {
	Add  memberAddCmd  `cmd:"" help:"Add a member, or change their role."`
	List memberListCmd `cmd:"" help:"List members."`
}

type memberAddCmd struct {
	Email string `required:"" help:"Their e-mail address."`
	Role  string `required:"" enum:"owner,admin,pm,support" help:"owner, admin, pm or support."`
	Name  string `help:"Their name."`
	JSON  bool   `help:"Print JSON."`
}

// Run adds a member.
func (c *memberAddCmd) Run(e *env) error {
	return e.offline(func(a *app.App) error {
		m, err := a.Auth.AddMember(e.ctx, c.Email, models.Role(c.Role), c.Name)
		if err != nil {
			return a.Explain(err)
		}
		if c.JSON {
			return e.json(map[string]any{"id": m.ID, "email": m.Email, "name": m.Name, "role": m.Role})
		}
		fmt.Fprintf(e.out, "%s is %s. They sign in at %s/sign-in\n", m.Email, m.Role, a.SiteURL())
		return nil
	})
}

type memberListCmd struct {
	JSON bool `help:"Print JSON."`
}

type memberLine struct {
	ID    string      `json:"id"`
	Email string      `json:"email"`
	Name  string      `json:"name"`
	Role  models.Role `json:"role"`
}

// Run lists members.
func (c *memberListCmd) Run(e *env) error {
	return e.offline(func(a *app.App) error {
		rows, err := a.Auth.Members(e.ctx)
		if err != nil {
			return err
		}
		lines := make([]memberLine, 0, len(rows))
		for _, m := range rows {
			lines = append(lines, memberLine{m.ID, m.Email, m.Name, m.Role})
		}
		if c.JSON {
			return e.json(lines)
		}
		for _, l := range lines {
			fmt.Fprintf(e.out, "%s\t%s\t%s\n", l.Email, l.Role, l.Name)
		}
		return nil
	})
}

type linkCmd struct {
	Email string `required:"" help:"The member's e-mail address."`
	JSON  bool   `help:"Print JSON."`
}

// Run prints a one-time link.
func (c *linkCmd) Run(e *env) error {
	return e.offline(func(a *app.App) error {
		secret, err := a.Auth.NewLink(e.ctx, c.Email)
		if err != nil {
			return a.Explain(err)
		}
		if c.JSON {
			return e.json(map[string]any{"url": a.SignInURL(secret)})
		}
		fmt.Fprintln(e.out, a.SignInURL(secret))
		return nil
	})
}

type versionCmd struct{}

// Run prints the version.
func (c *versionCmd) Run(e *env) error {
	fmt.Fprintln(e.out, app.Version())
	return nil
}
