package cli

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/heedhq/heed/app/eval"
)

type evalCmd struct {
	Retrieval evalRetrievalCmd `cmd:"" help:"Rank the other texts for each text of a file."`
	Assign    evalAssignCmd    `cmd:"" help:"Say which theme each text would join, and how sure that is."`
	Stream    evalStreamCmd    `cmd:"" help:"File all texts in order, accept what is proposed, and say which theme each ends in."`
	Xling     evalXlingCmd     `cmd:"" help:"Rank the texts of the other language for each text."`
	Pairs     evalPairsCmd     `cmd:"" help:"Score how alike the texts of each pair are."`

	Ablation   evalAblationCmd   `cmd:"" help:"Show what each part of the decision is worth: the same with one thing left out."`
	Learning   evalLearningCmd   `cmd:"" help:"Show how well texts find their themes after so many decisions."`
	Falsemerge evalFalseMergeCmd `cmd:"" help:"Show how many texts would join a theme where they do not belong."`
	Fit        evalFitCmd        `cmd:"" help:"Fit the acceptance (dedup/accept.go) anew and show how it does on themes not fitted to."`
}

// Help says what the files hold.
func (evalCmd) Help() string {
	return "Files are JSON lines. Texts: {\"id\", \"text\", \"body\", \"lang\", \"theme\"}, where theme is null for a text of none and body may be left out. " +
		"Pairs: {\"id\", \"a\", \"b\", \"label\"}, where label is 1 for the same. Languages (xling): {\"id\", \"en\", \"zh\"}."
}

// evalOptions are those of every evaluation.
type evalOptions struct {
	In   string `required:"" type:"existingfile" placeholder:"FILE" help:"JSON lines to read."`
	Out  string `required:"" type:"path" placeholder:"FILE" help:"JSON lines to write."`
	JSON bool   `name:"json" help:"JSON is what it writes anyway."`
}

func (o evalOptions) options(e *env) eval.Options {
	return eval.Options{In: o.In, Out: o.Out, Progress: e.progress}
}

type evalRetrievalCmd struct{ evalOptions }

// Run ranks.
func (c *evalRetrievalCmd) Run(e *env) error { return eval.Retrieval(e.ctx, c.options(e)) }

type evalAssignCmd struct{ evalOptions }

// Run assigns.
func (c *evalAssignCmd) Run(e *env) error { return eval.Assign(e.ctx, c.options(e)) }

type evalStreamCmd struct{ evalOptions }

// Run files.
func (c *evalStreamCmd) Run(e *env) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(e.errs, &slog.HandlerOptions{Level: slog.LevelWarn})))
	return eval.Stream(e.ctx, c.options(e))
}

type evalXlingCmd struct{ evalOptions }

// Run ranks across languages.
func (c *evalXlingCmd) Run(e *env) error { return eval.Languages(e.ctx, c.options(e)) }

type evalPairsCmd struct {
	evalOptions
	Learn string `type:"existingfile" placeholder:"FILE" help:"Decisions to learn from first: the same format, label 1 for the same."`
	First int    `placeholder:"N" help:"Learn from the first N decisions only."`
}

// Run scores pairs.
func (c *evalPairsCmd) Run(e *env) error {
	o := c.options(e)
	o.Learn, o.First = c.Learn, c.First
	return eval.Pairs(e.ctx, o)
}

// evalTables are the options of evaluations that print tables.
type evalTables struct {
	In   []string `required:"" type:"existingfile" sep:"none" placeholder:"FILE" help:"JSON lines to read; may be given several times."`
	JSON bool     `name:"json" help:"Print JSON."`
}

// print prints tables, or as JSON what they are of.
func (c *evalTables) print(e *env, of any, tables ...eval.Table) error {
	if c.JSON {
		return e.json(of)
	}
	for i := range tables {
		if err := tables[i].Print(e.out); err != nil {
			return err
		}
	}
	return nil
}

type evalAblationCmd struct{ evalTables }

// Run leaves out one part after the other.
func (c *evalAblationCmd) Run(e *env) error {
	ts, err := eval.Ablation(e.ctx, eval.Options{Progress: e.progress}, c.In)
	if err != nil {
		return err
	}
	return c.print(e, ts, ts...)
}

type evalLearningCmd struct {
	In        string `required:"" type:"existingfile" placeholder:"FILE" help:"JSON lines to read."`
	Decisions []int  `default:"0,50,200,1000,5000" placeholder:"N,…" help:"Numbers of decisions after which to look."`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// Run decides and learns.
func (c *evalLearningCmd) Run(e *env) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(e.errs, &slog.HandlerOptions{Level: slog.LevelWarn})))
	t, err := eval.Learning(e.ctx, eval.Options{Progress: e.progress}, c.In, c.Decisions)
	if err != nil {
		return err
	}
	return (&evalTables{JSON: c.JSON}).print(e, t, t)
}

type evalFalseMergeCmd struct{ evalTables }

// Run counts what joins wrongly.
func (c *evalFalseMergeCmd) Run(e *env) error {
	t, err := eval.FalseMerge(e.ctx, eval.Options{Progress: e.progress}, c.In)
	if err != nil {
		return err
	}
	return c.print(e, t, t)
}

type evalFitCmd struct{ evalTables }

// Run fits.
func (c *evalFitCmd) Run(e *env) error {
	f, err := eval.Fit(e.ctx, eval.Options{Progress: e.progress}, c.In)
	if err != nil {
		return err
	}
	if err := c.print(e, f, f.Table); err != nil || c.JSON {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(f.By)) {
		if _, err := fmt.Fprintf(e.out, "%s: %s\n", name, f.By[name].Go()); err != nil {
			return err
		}
	}
	return nil
}
