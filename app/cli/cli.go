package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/app/config"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is everything heed does from the command line.
type commands struct {
	Config string `help:"Configuration file; without it config.yaml where there is one, else the defaults. HEED_SECTION__KEY overrides a key." type:"path" placeholder:"FILE"`

	Serve      serveCmd   `cmd:"" help:"Serve pages, API and mail until SIGTERM; what is in flight is finished first."`
	Demo       demoCmd    `cmd:"" help:"Serve with sample data in both languages and a mail viewer at /dev/mail; needs no outside service."`
	Suggest    suggestCmd `cmd:"" help:"File a suggestion through REST (HEED_URL, HEED_TOKEN) and print its theme, candidates and reasons."`
	Token      tokenCmd   `cmd:"" help:"API tokens."`
	Member     memberCmd  `cmd:"" help:"Members of the staff."`
	Person     personCmd  `cmd:"" help:"People: find them, and merge two who are one."`
	SigninLink linkCmd    `cmd:"" name:"signin-link" help:"Print a one-time sign-in link for a member."`
	Migrate    migrateCmd `cmd:"" help:"Bring the database's schema up to date (serve does it too)."`
	Doctor     doctorCmd  `cmd:"" help:"Check every invariant of the database; exit 1 names what is broken."`
	Bench      benchCmd   `cmd:"" help:"Measure on a temporary database; JSON on stdout."`
	Eval       evalCmd    `cmd:"" help:"Measure how well texts are put into themes, on files whose themes are known."`
	Version    versionCmd `cmd:"" help:"Print the version."`
}

// env is what a command runs with.
type env struct {
	ctx    context.Context
	config string
	out    io.Writer
	errs   io.Writer
	in     io.Reader
}

// Run runs a command line and returns its exit code.
func Run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(&env{ctx: ctx, out: os.Stdout, errs: os.Stderr, in: os.Stdin}, args)
}

func run(e *env, args []string) (code int) {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("heed"), kong.Description("Heed turns what users say into a roadmap, and tells every one of them what became of it."),
		kong.UsageOnError(), kong.Writers(e.out, e.errs), kong.Exit(func(code int) { exited = code; panic(exitPanic{}) }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(e.errs, "heed:", err)
		return exitFailed
	}
	defer func() { // kong ends --help by its exit function
		if p := recover(); p != nil {
			if _, ok := p.(exitPanic); !ok {
				panic(p)
			}
			code = exited
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(e.errs, "heed:", err)
		return exitUsage
	}
	e.config = c.Config
	if err := k.Run(e); err != nil {
		if !errors.Is(err, errSaid) {
			fmt.Fprintln(e.errs, "heed:", err)
		}
		return exitFailed
	}
	return exitOK
}

type exitPanic struct{}

// errSaid is a failure whose reasons are printed already.
var errSaid = errors.New("failed")

// load reads the configuration and sets the log up.
func (e *env) load() (config.Config, error) {
	cfg, err := config.Load(e.config, os.Environ())
	if err != nil {
		return cfg, err
	}
	o := &slog.HandlerOptions{Level: cfg.Log.Level}
	var h slog.Handler = slog.NewTextHandler(e.errs, o)
	if cfg.Log.Format == "json" {
		h = slog.NewJSONHandler(e.errs, o)
	}
	slog.SetDefault(slog.New(h))
	return cfg, nil
}

// offline runs f with an App that serves nothing, on the configured database.
func (e *env) offline(f func(*app.App) error) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	a, err := app.New(e.ctx, cfg, app.Options{})
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

func (e *env) json(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
