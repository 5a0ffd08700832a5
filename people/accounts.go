package people

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// MaxWeight is the most that a voice can count; 1 is anybody's.
const MaxWeight = 100

const (
	maxRevenue = 1_000_000_000_000
	maxDomains = 50
)

var domainForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// everybodys are domains whose addresses say nothing about an account.
var everybodys = strings.Fields(`gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com mac.com aol.com
	proton.me protonmail.com gmx.com gmx.de web.de mail.com yandex.com yandex.ru mail.ru zoho.com fastmail.com
	qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn wo.cn aliyun.com 21cn.com tom.com yahoo.co.jp yahoo.com.tw yahoo.com.hk naver.com`)

// AccountRow is an account with its domains and how many people are in it.
type AccountRow struct {
	models.Account
	Domains []string `gorm:"-"`
	People  int
}

// Accounts lists the accounts by name. Needs auth.ReadPeople.
func (p *People) Accounts(ctx context.Context, a auth.Actor) ([]AccountRow, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return nil, err
	}
	out, err := p.accounts(p.db.Read(ctx), "")
	return out, wrap("list accounts", err)
}

// Account returns one. Needs auth.ReadPeople. NotFound account_not_found.
func (p *People) Account(ctx context.Context, a auth.Actor, id string) (AccountRow, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return AccountRow{}, err
	}
	r, err := p.account(p.db.Read(ctx), id)
	return r, wrap("read account", err)
}

func (p *People) account(tx *gorm.DB, id string) (AccountRow, error) {
	rows, err := p.accounts(tx, id)
	if err == nil && len(rows) == 0 || id == "" {
		err = models.Fail(models.NotFound, "account_not_found")
	}
	if err != nil {
		return AccountRow{}, err
	}
	return rows[0], nil
}

func (p *People) accounts(tx *gorm.DB, id string) ([]AccountRow, error) {
	out := []AccountRow{}
	q := tx.Model(&models.Account{}).Select("accounts.*, (SELECT COUNT(*) FROM people p WHERE p.account_id = accounts.id AND p.account_id <> '' AND p.merged_into = '') AS people")
	if id != "" {
		q = q.Where("accounts.id = ?", id)
	}
	if err := q.Order("accounts.name, accounts.id").Limit(1000).Scan(&out).Error; err != nil {
		return nil, err
	}
	at := map[string]int{}
	ids := []string{}
	for i, r := range out {
		at[r.ID] = i
		ids = append(ids, r.ID)
	}
	var ds []models.AccountDomain
	if err := tx.Order("domain").Find(&ds, "account_id IN ?", ids).Error; err != nil {
		return nil, err
	}
	for _, d := range ds {
		out[at[d.AccountID]].Domains = append(out[at[d.AccountID]].Domains, d.Domain)
	}
	return out, nil
}

// AccountPatch is an account to be made, or what is to change of one: nil parts
// stay.
type AccountPatch struct {
	Name    *string
	Plan    *string
	Revenue *int64
	Weight  *float64
	Domains *[]string
	Rev     int64 // not 0: the revision that was seen
}

// SaveAccount makes an account (id "") or changes one. Whose address ends in one of
// its domains comes into it, unless staff put them elsewhere. Needs
// auth.EditAccounts. Errors: NotFound account_not_found; Conflict account_changed;
// Invalid on name, plan, revenue, weight, domains.
func (p *People) SaveAccount(ctx context.Context, a auth.Actor, id string, patch AccountPatch) (row AccountRow, err error) {
	if err := auth.Can(a, auth.EditAccounts); err != nil {
		return row, err
	}
	err = p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		acc := models.Account{ID: models.NewID(models.PrefixAccount), Weight: 1, CreatedAt: p.db.Now()}
		if id != "" {
			acc = models.Account{}
			if err := p.db.Hold(tx).First(&acc, "id = ?", id).Error; models.IsNotFound(err) {
				return models.Fail(models.NotFound, "account_not_found")
			} else if err != nil {
				return err
			}
			if patch.Rev != 0 && patch.Rev != acc.Rev {
				return models.Fail(models.Conflict, "account_changed")
			}
		}
		name := acc.Name
		if err := p.applyAccount(patch, &acc); err != nil {
			return err
		}
		acc.Rev, acc.UpdatedAt = acc.Rev+1, p.db.Now()
		if err := tx.Save(&acc).Error; err != nil {
			return err
		}
		if patch.Domains != nil {
			if err := p.setDomains(tx, acc.ID, *patch.Domains); err != nil {
				return err
			}
		}
		if name != acc.Name { // they are found by it
			if err := tx.Exec("UPDATE people SET indexed = FALSE WHERE account_id = ? AND account_id <> ''", acc.ID).Error; err != nil {
				return err
			}
		}
		if err := p.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.AccountEdited, Snapshot: models.Change{Title: acc.ID}.Encode()}); err != nil {
			return err
		}
		row, err = p.account(tx, acc.ID)
		return err
	})
	return row, wrap("save account", err)
}

func (p *People) applyAccount(patch AccountPatch, acc *models.Account) (err error) {
	if patch.Name != nil {
		if acc.Name, err = p.line("name", *patch.Name, MaxName); err != nil {
			return err
		}
	}
	if acc.Name == "" {
		return models.BadField("name", "required")
	}
	if patch.Plan != nil {
		if acc.Plan, err = p.line("plan", *patch.Plan, MaxSegment); err != nil {
			return err
		}
	}
	if patch.Revenue != nil {
		if *patch.Revenue < 0 || *patch.Revenue > maxRevenue {
			return models.BadField("revenue", "revenue_invalid")
		}
		acc.Revenue = *patch.Revenue
	}
	if patch.Weight != nil {
		if err := isWeight(*patch.Weight); err != nil {
			return err
		}
		acc.Weight = *patch.Weight
	}
	return nil
}

func isWeight(w float64) error {
	if !(w >= 0 && w <= MaxWeight) { // not a number is none either
		return models.BadField("weight", "weight_invalid", MaxWeight)
	}
	return nil
}

// setDomains replaces the domains of an account; whom that concerns is looked at
// anew.
func (p *People) setDomains(tx *gorm.DB, account string, domains []string) error {
	var want []string
	for _, d := range domains {
		d = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(d)), "@")
		switch {
		case d == "" || slices.Contains(want, d):
			continue
		case len(d) > 253 || !domainForm.MatchString(d):
			return models.BadField("domains", "domain_invalid", d)
		case slices.Contains(everybodys, d):
			return models.BadField("domains", "domain_everybodys", d)
		}
		want = append(want, d)
	}
	if len(want) > maxDomains {
		return models.BadField("domains", "too_many", maxDomains, len(want))
	}
	var had []string
	if err := tx.Model(&models.AccountDomain{}).Where("account_id = ?", account).Pluck("domain", &had).Error; err != nil {
		return err
	}
	if err := tx.Delete(&models.AccountDomain{}, "account_id = ?", account).Error; err != nil {
		return err
	}
	for _, d := range want {
		res := tx.Exec("INSERT INTO account_domains (domain, account_id) VALUES (?, ?) ON CONFLICT (domain) DO NOTHING", d, account)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return models.BadField("domains", "domain_taken", d)
		}
	}
	changed := append(slices.DeleteFunc(slices.Clone(had), func(d string) bool { return slices.Contains(want, d) }),
		slices.DeleteFunc(slices.Clone(want), func(d string) bool { return slices.Contains(had, d) })...)
	if len(changed) == 0 {
		return nil
	}
	return tx.Exec(`UPDATE people SET indexed = FALSE WHERE id IN (SELECT person_id FROM addresses
		WHERE channel = 'email' AND SUBSTR(value, LENGTH(RTRIM(value, REPLACE(value, '@', ''))) + 1) IN ?)`, changed).Error
}

// DeleteAccount removes an account that nobody is in any more. Needs
// auth.EditAccounts. Errors: NotFound account_not_found, Conflict account_in_use.
func (p *People) DeleteAccount(ctx context.Context, a auth.Actor, id string) error {
	if err := auth.Can(a, auth.EditAccounts); err != nil {
		return err
	}
	err := p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		r, err := p.account(p.db.Hold(tx).Session(&gorm.Session{}), id)
		if err != nil {
			return err
		}
		var n int64 // also who was merged: they may come back
		if err := tx.Model(&models.Person{}).Where("account_id = ?", id).Count(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			return models.Fail(models.Conflict, "account_in_use", int(n))
		}
		if err := tx.Delete(&models.AccountDomain{}, "account_id = ?", id).Error; err != nil {
			return err
		}
		if err := tx.Delete(&models.Account{}, "id = ?", id).Error; err != nil {
			return err
		}
		return p.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.AccountEdited, Snapshot: models.Change{Title: r.ID, Action: "deleted"}.Encode()})
	})
	return wrap("delete account", err)
}
