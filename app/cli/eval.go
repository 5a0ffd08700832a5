package cli

import (
	"log/slog"

	"github.com/heedhq/heed/app/eval"
)

type evalCmd struct {
	Retrieval evalRetrievalCmd `cmd:"" help:"Rank the other texts for each text of a file."`
	Assign    evalAssignCmd    `cmd:"" help:"Say which theme each text would join, and how sure that is."`
	Stream    evalStreamCmd    `cmd:"" help:"File all texts in order, accept what is proposed, and say which theme each ends in."`
	Xling     evalXlingCmd     `cmd:"" help:"Rank the texts of the other language for each text."`
	Pairs     evalPairsCmd     `cmd:"" help:"Score how alike the texts of each pair are."`
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
}

// Run scores pairs.
func (c *evalPairsCmd) Run(e *env) error {
	o := c.options(e)
	o.Learn = c.Learn
	return eval.Pairs(e.ctx, o)
}
