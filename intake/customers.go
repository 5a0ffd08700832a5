package intake

import (
	"context"
	"fmt"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	mostCustomers = 8
	mostSaid      = 3
	recentFilings = 200
)

// Customer is a person as who writes for them needs to know them: Address is
// where they are best reached, Said what they said last, newest first.
type Customer struct {
	Person  models.Person
	Address models.Address
	Account string
	Said    []OutcomeRow
}

// RecentCustomers are those whom the actor filed for last, newest first, at most 8.
func (in *Intake) RecentCustomers(ctx context.Context, a auth.Actor) ([]Customer, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return nil, err
	}
	var ids []string
	err := in.db.Read(ctx).Raw(`SELECT person_id FROM (SELECT id, person_id FROM suggestions WHERE filer_id <> '' AND filer_kind = ? AND filer_id = ? ORDER BY id DESC LIMIT ?) s
		WHERE person_id <> '' GROUP BY person_id ORDER BY MAX(id) DESC LIMIT ?`, a.Kind, a.ID, recentFilings, mostCustomers).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("customers: %w", err)
	}
	return in.customers(ctx, ids)
}

// Customer is one person with what they said last. NotFound customer_not_found.
func (in *Intake) Customer(ctx context.Context, a auth.Actor, id string) (Customer, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return Customer{}, err
	}
	cs, err := in.customers(ctx, []string{id})
	if err != nil {
		return Customer{}, fmt.Errorf("customer: %w", err)
	}
	if len(cs) == 0 {
		return Customer{}, models.Fail(models.NotFound, "customer_not_found", id)
	}
	c := cs[0]
	var rows []struct {
		models.Suggestion
		Outcome models.Outcome
		Theme   string
	}
	err = in.db.Read(ctx).Raw("SELECT s.*, "+becameOf+" AS outcome, COALESCE(h.id, '') AS theme FROM suggestions s "+firstTheme+" WHERE s.person_id = ? AND (s.confidential = FALSE OR ?) ORDER BY s.id DESC LIMIT ?",
		id, auth.Can(a, auth.ReadGuarded) == nil, mostSaid).Scan(&rows).Error
	if err != nil {
		return c, fmt.Errorf("customer: %w", err)
	}
	for _, r := range rows {
		row := OutcomeRow{Suggestion: r.Suggestion, Outcome: r.Outcome, ChangedAt: r.CreatedAt}
		if r.Theme != "" {
			row.Theme = &models.Theme{}
			if err := in.db.Read(ctx).First(row.Theme, "id = ?", r.Theme).Error; err != nil {
				return c, fmt.Errorf("customer: %w", err)
			}
		}
		c.Said = append(c.Said, row)
	}
	return c, nil
}

// customers reads people with their best address, in the order of the ids.
func (in *Intake) customers(ctx context.Context, ids []string) ([]Customer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []models.Person
	if err := in.db.Read(ctx).Find(&rows, "id IN ? AND merged_into = ''", ids).Error; err != nil {
		return nil, err
	}
	accounts, err := in.accountNames(ctx, rows)
	if err != nil {
		return nil, err
	}
	var adds []models.Address
	if err := in.db.Read(ctx).Order("CASE WHEN channel = 'email' THEN 0 ELSE 1 END, verified_at IS NULL, created_at, value").Find(&adds, "person_id IN ?", ids).Error; err != nil {
		return nil, err
	}
	best := map[string]models.Address{}
	for _, x := range adds {
		if _, ok := best[x.PersonID]; !ok {
			best[x.PersonID] = x
		}
	}
	var out []Customer
	for _, id := range ids {
		for _, p := range rows {
			if p.ID == id {
				out = append(out, Customer{Person: p, Address: best[id], Account: accounts[p.AccountID]})
			}
		}
	}
	return out, nil
}

func (in *Intake) accountNames(ctx context.Context, people []models.Person) (map[string]string, error) {
	names := map[string]string{}
	var ids []string
	for _, p := range people {
		if p.AccountID != "" {
			ids = append(ids, p.AccountID)
		}
	}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []models.Account
	if err := in.db.Read(ctx).Select("id", "name").Find(&rows, "id IN ?", ids).Error; err != nil {
		return nil, err
	}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}
