package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/server/web"
)

// accountView is a customer with several people.
type accountView struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Domains []string `json:"domains" doc:"Whose address ends in one belongs to the account, unless staff said otherwise"`
	Plan    string   `json:"plan"`
	Revenue int64    `json:"revenue" doc:"What they pay a year, in whole units of your currency"`
	Weight  float64  `json:"weight" doc:"What their voice counts, from 0 to 100; 1 is anybody's"`
	People  int      `json:"people"`
	Rev     int64    `json:"rev"`
}

func accountOf(r people.AccountRow) accountView {
	v := accountView{ID: r.ID, Name: r.Name, Domains: r.Domains, Plan: r.Plan, Revenue: r.Revenue, Weight: r.Weight, People: r.People, Rev: r.Rev}
	if v.Domains == nil {
		v.Domains = []string{}
	}
	return v
}

// AccountBody is what POST and PATCH take; missing parts stay as they are.
type AccountBody struct {
	Name    *string   `json:"name,omitempty"`
	Domains *[]string `json:"domains,omitempty"`
	Plan    *string   `json:"plan,omitempty"`
	Revenue *int64    `json:"revenue,omitempty"`
	Weight  *float64  `json:"weight,omitempty"`
}

func (b AccountBody) patch() people.AccountPatch {
	return people.AccountPatch{Name: b.Name, Domains: b.Domains, Plan: b.Plan, Revenue: b.Revenue, Weight: b.Weight}
}

func (a *API) accounts() {
	type none struct{}
	type allAccounts struct {
		Accounts []accountView `json:"accounts"`
	}
	register(a, http.MethodGet, "/accounts", "List accounts", func(ctx context.Context, _ *none) (allAccounts, error) {
		rows, err := a.People.Accounts(ctx, web.Actor(ctx))
		out := allAccounts{Accounts: make([]accountView, 0, len(rows))}
		for _, r := range rows {
			out.Accounts = append(out.Accounts, accountOf(r))
		}
		return out, err
	})
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodGet, "/accounts/{id}", "Read an account", func(ctx context.Context, in *one) (accountView, error) {
		r, err := a.People.Account(ctx, web.Actor(ctx), in.ID)
		return accountOf(r), err
	})
	type createAccount struct {
		Keyed
		Body AccountBody
	}
	post(a, "/accounts", "Make an account", http.StatusCreated, func(in *createAccount) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *createAccount) (accountView, int, error) {
			r, err := a.People.SaveAccount(ctx, web.Actor(ctx), "", in.Body.patch())
			return accountOf(r), 0, err
		})
	type editAccount struct {
		ID      string `path:"id"`
		IfMatch string `header:"If-Match" doc:"The revision that was seen"`
		Body    struct {
			AccountBody
			Rev int64 `json:"rev,omitempty" doc:"The revision that was seen; or If-Match"`
		}
	}
	register(a, http.MethodPatch, "/accounts/{id}", "Change an account", func(ctx context.Context, in *editAccount) (accountView, error) {
		rev, err := revision(in.IfMatch, in.Body.Rev)
		if err != nil {
			return accountView{}, err
		}
		p := in.Body.patch()
		p.Rev = rev
		r, err := a.People.SaveAccount(ctx, web.Actor(ctx), in.ID, p)
		return accountOf(r), err
	})
	register(a, http.MethodDelete, "/accounts/{id}", "Remove an account that nobody is in", func(ctx context.Context, in *one) (gone, error) {
		return gone{in.ID}, a.People.DeleteAccount(ctx, web.Actor(ctx), in.ID)
	})
	a.segments()
}

// gone names what was removed.
type gone struct {
	ID string `json:"id"`
}

// segmentView is a group of people whose voice has a weight.
type segmentView struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight" doc:"From 0 to 100; 1 is anybody's"`
	People int     `json:"people"`
	Listed bool    `json:"listed" doc:"false: people came in with it, nobody gave it a weight"`
	Rev    int64   `json:"rev"`
}

func (a *API) segments() {
	type none struct{}
	type allSegments struct {
		Segments []segmentView `json:"segments"`
	}
	register(a, http.MethodGet, "/segments", "List segments", func(ctx context.Context, _ *none) (allSegments, error) {
		rows, err := a.People.Segments(ctx, web.Actor(ctx))
		out := allSegments{Segments: make([]segmentView, 0, len(rows))}
		for _, r := range rows {
			out.Segments = append(out.Segments, segmentView{r.Name, r.Weight, r.People, r.Listed, r.Rev})
		}
		return out, err
	})
	type setSegment struct {
		Name    string `path:"name"`
		IfMatch string `header:"If-Match" doc:"The revision that was seen"`
		Body    struct {
			Weight float64 `json:"weight"`
			Rev    int64   `json:"rev,omitempty" doc:"The revision that was seen; or If-Match"`
		}
	}
	register(a, http.MethodPut, "/segments/{name}", "Give a segment a weight", func(ctx context.Context, in *setSegment) (segmentView, error) {
		rev, err := revision(in.IfMatch, in.Body.Rev)
		if err != nil {
			return segmentView{}, err
		}
		s, err := a.People.SetSegment(ctx, web.Actor(ctx), unescaped(in.Name), in.Body.Weight, rev)
		return segmentView{Name: s.Name, Weight: s.Weight, Rev: s.Rev, Listed: true}, err
	})
	type one struct {
		Name string `path:"name"`
	}
	register(a, http.MethodDelete, "/segments/{name}", "Remove a segment that nobody is in", func(ctx context.Context, in *one) (gone, error) {
		return gone{unescaped(in.Name)}, a.People.DeleteSegment(ctx, web.Actor(ctx), unescaped(in.Name))
	})
}

// unescaped is a name that stood in a path: the router leaves it as it was sent.
func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
