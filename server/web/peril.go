package web

import (
	"context"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// Safety is what a person in danger should do now.
type Safety struct {
	Cause models.Cause `json:"cause" enum:"secret,stolen,vulnerability"`
	Lang  string       `json:"lang"`
	Title string       `json:"title"`
	Steps []string     `json:"steps"`
}

// Peril is the danger that a form tells of. Whatever becomes of the form, its person is
// told what to do; where it is refused, what it says is kept as an emergency of its own.
// It belongs to one request.
type Peril struct {
	intake.Filed // Cause, findings and language, of nothing that is stored
	Heard        intake.Heard
	As           auth.Actor // who wrote it
	// Keep keeps it; nil where nothing may be kept.
	Keep func(context.Context, *Peril) (intake.Filed, bool)

	tried, kept bool
	stored      intake.Filed
}

// Kept keeps what the form says, once however often it is asked, and tells whether the
// team is alerted.
func (x *Peril) Kept(ctx context.Context) (intake.Filed, bool) {
	if !x.tried && x.Keep != nil {
		x.stored, x.kept = x.Keep(ctx, x)
	}
	x.tried = true
	return x.stored, x.kept
}

type perilKey struct{}

// WithPeril says that a form tells of danger.
func WithPeril(ctx context.Context, x *Peril) context.Context {
	return context.WithValue(ctx, perilKey{}, x)
}

// PerilOf is the danger that this request's form tells of, nil for none.
func PerilOf(ctx context.Context) *Peril { x, _ := ctx.Value(perilKey{}).(*Peril); return x }

// AdviceFor is what somebody in danger reads first: in the language of the page, and
// where they wrote in the other one, in that as well; none where the Cause is "".
func (p *Pages) AdviceFor(ctx context.Context, f intake.Filed) []ui.Advice {
	if f.Cause == "" {
		return nil
	}
	here := p.Problems.Catalog.For(Locale(ctx))
	out := []ui.Advice{Advice(here, f.Cause)}
	if l, ok := i18n.Parse(f.Suggestion.Lang); ok && l != here.Locale() {
		out = append(out, Advice(p.Problems.Catalog.For(l), f.Cause))
	}
	return out
}

// advised adds to a page that refuses something what its person should do at once.
func (p *Pages) advised(ctx context.Context, status int, v *ui.View) {
	x := PerilOf(ctx)
	if x == nil || status < 400 {
		return
	}
	v.Advice = p.AdviceFor(ctx, x.Filed)
	if _, kept := x.Kept(ctx); !kept {
		for i := range v.Advice {
			v.Advice[i].Team = ""
		}
	}
}
