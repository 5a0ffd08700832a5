package people

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

const (
	maxTerms    = 48  // a person
	maxTermSize = 120 // bytes
	indexBatch  = 200 // people in one transaction
)

// fold brings what is sought and what is found by it into one form: no case, no
// width, simplified characters.
func fold(s string) string {
	return strings.ToLower(dedup.Mainland(strings.ToLower(norm.NFKC.String(s))))
}

// words cuts folded text at spaces and at what stands between words.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",，、;；·•()（）<>\"'|/", r)
	})
}

// terms are the beginnings by which a person is found: each word of the name (a
// Chinese name from each of its characters on, since people are called by the given
// name too), each address whole and by its parts, the account.
func terms(name, account string, at []models.Address) []string {
	var out []string
	seen := map[string]bool{}
	add := func(s string) {
		s = cut(strings.TrimSpace(s))
		if s != "" && !seen[s] && len(out) < maxTerms {
			seen[s], out = true, append(out, s)
		}
	}
	for _, a := range at {
		v := fold(a.Value)
		add(v)
		if a.Channel != models.ChannelEmail {
			add(strings.TrimLeft(v, "@"))
			continue
		}
		local, domain, _ := strings.Cut(v, "@")
		add(domain)
		for _, part := range strings.FieldsFunc(local, func(r rune) bool { return strings.ContainsRune("._-+", r) }) {
			add(part)
		}
	}
	for _, text := range []string{name, account} {
		text = fold(text)
		add(strings.Join(words(text), " "))
		for _, w := range words(text) {
			add(w)
			for i, r := range w {
				if i > 0 && unicode.Is(unicode.Han, r) {
					add(w[i:])
				}
			}
		}
	}
	return out
}

// cut bounds a term without breaking a character.
func cut(s string) string {
	if len(s) <= maxTermSize {
		return s
	}
	i := maxTermSize
	for !utf8.RuneStart(s[i]) {
		i--
	}
	return s[:i]
}

// Index brings the terms of everybody who is new or was changed in step, batch by
// batch, and puts who has no account into the one of their address. It returns how
// many people it did. It rests as long as it works, so that a million who were imported
// take half of what can be written and not all of it.
func (p *People) Index(ctx context.Context) (int, error) {
	done := 0
	for ctx.Err() == nil {
		var any []string
		if err := p.db.Read(ctx).Model(&models.Person{}).Where("indexed = FALSE").Limit(1).Pluck("id", &any).Error; err != nil || len(any) == 0 {
			return done, wrap("index people", err)
		}
		n, began := 0, time.Now()
		err := p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
			n, err = p.indexSome(tx)
			return err
		})
		if err != nil || n == 0 { // 0: another node has them
			return done, wrap("index people", err)
		}
		if done += n; n == indexBatch {
			select {
			case <-ctx.Done():
			case <-time.After(time.Since(began)):
			}
		}
	}
	return done, ctx.Err()
}

func (p *People) indexSome(tx *gorm.DB) (int, error) {
	var rows []models.Person
	if err := p.db.Claim(tx).Where("indexed = FALSE").Order("id").Limit(indexBatch).Find(&rows).Error; err != nil || len(rows) == 0 {
		return 0, err
	}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	at, err := addressesOf(tx, ids)
	if err != nil {
		return 0, err
	}
	if err := joinByDomain(tx, rows, at); err != nil {
		return 0, err
	}
	names, err := accountNames(tx, rows)
	if err != nil {
		return 0, err
	}
	var found []models.PersonTerm
	for _, r := range rows {
		if r.MergedInto != "" {
			continue
		}
		for _, t := range terms(r.Name, names[r.AccountID], at[r.ID]) {
			found = append(found, models.PersonTerm{Term: []byte(t), PersonID: r.ID})
		}
	}
	if err := tx.Where("person_id IN ?", ids).Delete(&models.PersonTerm{}).Error; err != nil {
		return 0, err
	}
	if len(found) > 0 {
		if err := tx.CreateInBatches(found, 200).Error; err != nil {
			return 0, err
		}
	}
	return len(rows), tx.Model(&models.Person{}).Where("id IN ?", ids).UpdateColumn("indexed", true).Error
}

// addressesOf reads where people are, as mail would choose: proven ones first, then
// the oldest.
func addressesOf(tx *gorm.DB, ids []string) (map[string][]models.Address, error) {
	var rows []models.Address
	err := tx.Order("CASE WHEN channel = 'email' THEN 0 ELSE 1 END, verified_at IS NULL, created_at, channel, value").Find(&rows, "person_id IN ?", ids).Error
	out := map[string][]models.Address{}
	for _, r := range rows {
		out[r.PersonID] = append(out[r.PersonID], r)
	}
	return out, err
}

// joinByDomain puts people into the account that has the domain of one of their
// addresses, where staff said nothing, and takes out whom no domain holds any more.
func joinByDomain(tx *gorm.DB, rows []models.Person, at map[string][]models.Address) error {
	of := map[string]string{}
	var domains []string
	for _, as := range at {
		for _, a := range as {
			if d := domainOf(a); d != "" {
				domains = append(domains, d)
			}
		}
	}
	if len(domains) > 0 {
		var known []models.AccountDomain
		if err := tx.Find(&known, "domain IN ?", domains).Error; err != nil {
			return err
		}
		for _, k := range known {
			of[k.Domain] = k.AccountID
		}
	}
	for i := range rows {
		r := &rows[i]
		if r.AccountBy == models.AccountByHand || r.MergedInto != "" {
			continue
		}
		account, by := "", ""
		for _, a := range at[r.ID] {
			if id := of[domainOf(a)]; id != "" {
				account, by = id, models.AccountByDomain
				break
			}
		}
		if account == r.AccountID && by == r.AccountBy {
			continue
		}
		r.AccountID, r.AccountBy = account, by
		if err := tx.Model(&models.Person{}).Where("id = ?", r.ID).UpdateColumns(map[string]any{"account_id": account, "account_by": by}).Error; err != nil {
			return err
		}
	}
	return nil
}

func domainOf(a models.Address) string {
	if a.Channel != models.ChannelEmail {
		return ""
	}
	return a.Value[strings.LastIndexByte(a.Value, '@')+1:]
}

func accountNames(tx *gorm.DB, rows []models.Person) (map[string]string, error) {
	var ids []string
	for _, r := range rows {
		if r.AccountID != "" {
			ids = append(ids, r.AccountID)
		}
	}
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	var as []models.Account
	err := tx.Select("id", "name").Find(&as, "id IN ?", ids).Error
	for _, a := range as {
		out[a.ID] = a.Name
	}
	return out, err
}
