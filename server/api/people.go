package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/server/web"
)

// addressView is where a person is.
type addressView struct {
	Channel  string `json:"channel" doc:"email, or the channel of a handle"`
	Value    string `json:"value"`
	Verified bool   `json:"verified"`
}

// personRow is a person in a list.
type personRow struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Channel     string    `json:"channel"`
	Address     string    `json:"address" doc:"Where mail goes, else a handle"`
	Account     string    `json:"account" doc:"Its name"`
	Segment     string    `json:"segment"`
	Locale      string    `json:"locale"`
	Suggestions int       `json:"suggestions"`
	Since       time.Time `json:"created_at"`
}

// personWhole is a person. Their phrase is nobody else's to read.
type personWhole struct {
	ID        string        `json:"id"`
	Name      string        `json:"name"`
	Locale    string        `json:"locale"`
	TimeZone  string        `json:"time_zone"`
	Segment   string        `json:"segment"`
	Account   *accountBrief `json:"account"`
	Addresses []addressView `json:"addresses"`
	HasPhrase bool          `json:"has_phrase" doc:"They set an anti-phishing phrase"`
	Rev       int64         `json:"rev"`
	CreatedAt time.Time     `json:"created_at"`
	UpdatedAt time.Time     `json:"updated_at"`
}

type accountBrief struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
	ByHand bool    `json:"by_hand" doc:"Staff put the person there, not their address"`
}

func personOf(w people.Whole) personWhole {
	v := personWhole{ID: w.ID, Name: w.Name, Locale: w.Locale, TimeZone: w.TimeZone, Segment: w.Segment, Addresses: make([]addressView, 0, len(w.Addresses)),
		HasPhrase: w.HasPhrase, Rev: w.Rev, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt}
	if w.Account != nil {
		v.Account = &accountBrief{w.Account.ID, w.Account.Name, w.Account.Weight, w.AccountBy == models.AccountByHand}
	}
	for _, a := range w.Addresses {
		v.Addresses = append(v.Addresses, addressView{a.Channel, a.Value, a.VerifiedAt != nil})
	}
	return v
}

func (a *API) persons() {
	type listPeople struct {
		Query   string `query:"q" doc:"Beginnings of words of a name, an address or an account"`
		Account string `query:"account" doc:"An account's id"`
		Segment string `query:"segment"`
		Cursor  string `query:"cursor"`
		Limit   int    `query:"limit" doc:"Up to 100, 50 when missing"`
	}
	type peoplePage struct {
		People []personRow `json:"people"`
		Next   string      `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/people", "List people, or find them by any beginning", func(ctx context.Context, in *listPeople) (peoplePage, error) {
		rows, next, err := a.People.List(ctx, web.Actor(ctx), people.Filter{Query: in.Query, Account: in.Account, Segment: in.Segment, Cursor: in.Cursor, Limit: in.Limit})
		out := peoplePage{People: make([]personRow, 0, len(rows)), Next: next}
		for _, r := range rows {
			out.People = append(out.People, personRow{r.ID, r.Name, r.Channel, r.Address, r.Account, r.Segment, r.Locale, r.Suggestions, r.Since})
		}
		return out, err
	})
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodGet, "/people/{id}", "Read a person; a merged one leads to who they are", func(ctx context.Context, in *one) (personWhole, error) {
		w, err := a.People.Get(ctx, web.Actor(ctx), in.ID)
		return personOf(w), err
	})
	a.personWrites()
	a.personMerge()
	a.personAddresses()
	a.tellByHand()
	a.bounces()
}

func (a *API) personWrites() {
	type editPerson struct {
		ID      string `path:"id"`
		IfMatch string `header:"If-Match" doc:"The revision that was seen"`
		Body    struct {
			Name        *string `json:"name,omitempty"`
			Locale      *string `json:"locale,omitempty" doc:"en, zh or empty"`
			TimeZone    *string `json:"time_zone,omitempty" doc:"Such as Asia/Shanghai"`
			Segment     *string `json:"segment,omitempty"`
			Account     *string `json:"account,omitempty" doc:"An account's id; empty takes the person out"`
			ClearPhrase bool    `json:"clear_phrase,omitempty" doc:"Take the person's phrase away, because they fear that it is known"`
			Rev         int64   `json:"rev,omitempty" doc:"The revision that was seen; or If-Match"`
		}
	}
	register(a, http.MethodPatch, "/people/{id}", "Change what is known of a person", func(ctx context.Context, in *editPerson) (personWhole, error) {
		rev, err := revision(in.IfMatch, in.Body.Rev)
		if err != nil {
			return personWhole{}, err
		}
		b := in.Body
		w, err := a.People.Edit(ctx, web.Actor(ctx), in.ID, people.Patch{Name: b.Name, Locale: b.Locale, TimeZone: b.TimeZone, Segment: b.Segment, Account: b.Account,
			ClearPhrase: b.ClearPhrase, Rev: rev})
		return personOf(w), err
	})
}

func (a *API) personMerge() {
	type mergePerson struct {
		Keyed
		ID     string `path:"id"`
		DryRun bool   `query:"dry_run" doc:"Only say what would be moved"`
		Body   struct {
			Into string `json:"into" doc:"Who they are from then on"`
		}
	}
	type mergedPerson struct {
		Activity    string       `json:"activity" doc:"Takes it back for 30 days: POST /activities/{id}/undo. Empty for a dry run"`
		Person      *personWhole `json:"person" doc:"Who stays; null for a dry run"`
		Suggestions int          `json:"suggestions" doc:"How many are moved"`
		Votes       int          `json:"votes" doc:"How many are moved"`
		InCommon    int          `json:"in_common" doc:"Themes that both voted for; there they count once"`
		Addresses   int          `json:"addresses"`
	}
	post(a, "/people/{id}/merge", "Make two people one; nobody is mailed", http.StatusOK, func(in *mergePerson) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *mergePerson) (out mergedPerson, _ int, err error) {
			actor := web.Actor(ctx)
			c, err := a.People.Foresee(ctx, actor, in.ID, in.Body.Into)
			if err != nil {
				return out, 0, err
			}
			out = mergedPerson{Suggestions: c.Suggestions, Votes: c.Votes, InCommon: c.InCommon, Addresses: c.Addresses}
			if in.DryRun {
				return out, 0, nil
			}
			act, kept, err := a.People.Merge(ctx, actor, in.ID, in.Body.Into)
			if err != nil {
				return mergedPerson{}, 0, err
			}
			w, err := a.People.Get(ctx, actor, kept.ID)
			v := personOf(w)
			out.Activity, out.Person = act, &v
			return out, 0, err
		})
}

func (a *API) personAddresses() {
	type personAddress struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Channel string `json:"channel" doc:"email, or a channel such as telegram"`
			Value   string `json:"value"`
		}
	}
	post(a, "/people/{id}/addresses", "Let a person be found at one address more", http.StatusOK, func(in *personAddress) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *personAddress) (personWhole, int, error) {
			w, err := a.People.AddAddress(ctx, web.Actor(ctx), in.ID, in.Body.Channel, in.Body.Value)
			return personOf(w), 0, err
		})
	register(a, http.MethodDelete, "/people/{id}/addresses", "Take an address away from a person", func(ctx context.Context, in *personAddress) (personWhole, error) {
		w, err := a.People.RemoveAddress(ctx, web.Actor(ctx), in.ID, in.Body.Channel, in.Body.Value)
		return personOf(w), err
	})
}
