package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/app/demo"
	"github.com/heedhq/heed/models"
)

// ownerEmail is the first owner's, until they add themselves.
const ownerEmail = "owner@localhost"

type serveCmd struct {
	SigninLink bool `help:"Print a one-time owner sign-in link, as the first start does."`
}

// Run serves until the context ends.
func (c *serveCmd) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	a, err := app.New(e.ctx, cfg, app.Options{})
	if err != nil {
		return err
	}
	return e.serve(a, c.SigninLink)
}

// serve starts a, says where it is, and closes it in order.
func (e *env) serve(a *app.App, link bool) (err error) {
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Start(e.ctx); err != nil {
		return err
	}
	if err := e.welcome(a, link); err != nil {
		return err
	}
	return a.Wait(e.ctx)
}

// welcome prints the address and, at the first start or when asked, a one-time
// link for the owner.
func (e *env) welcome(a *app.App, link bool) error {
	owner, created, err := a.Auth.FirstOwner(e.ctx, ownerEmail)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "\nHeed is at %s\n", a.SiteURL())
	if created || link {
		secret, err := a.Auth.NewLink(e.ctx, owner.Email)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.out, "Sign in as the owner, once: %s\n", a.SignInURL(secret))
	}
	if a.Mail != nil {
		fmt.Fprintf(e.out, "Mail that people would get: %s/dev/mail\n", a.SiteURL())
	}
	if !a.Assets() {
		fmt.Fprintln(e.out, "The pages have no styles yet: make assets")
	}
	fmt.Fprintln(e.out)
	return nil
}

type demoCmd struct{}

// Run fills an empty database with the sample data, then serves.
func (c *demoCmd) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	if !isLoopback(cfg.Server.Addr) {
		return fmt.Errorf("server.addr: the demo listens on this machine only, such as 127.0.0.1:8080, and not on %q: "+
			"its mail viewer shows everyone's sign-in codes to whoever asks", cfg.Server.Addr)
	}
	clock := &demo.Clock{}
	a, err := app.New(e.ctx, cfg, app.Options{Demo: true, Clock: clock})
	if err != nil {
		return err
	}
	fill := func(ctx context.Context) error {
		return demo.Fill(ctx, demo.House{DB: a.DB, Auth: a.Auth, Themes: a.Themes, Intake: a.Intake, Clock: clock}, e.progress("Sample data"))
	}
	if err := fill(e.ctx); err != nil {
		return errors.Join(err, a.Close())
	}
	return e.serve(a, true)
}

// isLoopback reports whether only this machine reaches a server at addr.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

type migrateCmd struct{}

// Run opens the database, which brings its schema up to date.
func (c *migrateCmd) Run(e *env) error {
	return e.offline(func(a *app.App) error {
		fmt.Fprintf(e.out, "The schema of %s is up to date.\n", a.DB.Dialect())
		return nil
	})
}

type doctorCmd struct {
	JSON bool `help:"Print JSON."`
}

// Run checks the invariants.
func (c *doctorCmd) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	if path, ok := strings.CutPrefix(cfg.Database.URL, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("database.url: %w", err) // a new, empty database would be sound
		}
	}
	return e.offline(func(a *app.App) error {
		invs, err := a.DB.Check(e.ctx)
		if err != nil {
			return err
		}
		ok := true
		for _, i := range invs {
			ok = ok && i.Broken == 0
		}
		if c.JSON {
			if err := e.json(map[string]any{"ok": ok, "invariants": invs}); err != nil {
				return err
			}
		} else {
			e.printInvariants(invs)
		}
		if !ok {
			return errSaid
		}
		return nil
	})
}

func (e *env) printInvariants(invs []models.Invariant) {
	for _, i := range invs {
		mark := "ok    "
		if i.Broken != 0 {
			mark = "BROKEN"
		}
		fmt.Fprintf(e.out, "%s  %s", mark, i.Name)
		if i.Broken != 0 {
			fmt.Fprintf(e.out, " (%d rows)", i.Broken)
		}
		fmt.Fprintln(e.out)
	}
}
