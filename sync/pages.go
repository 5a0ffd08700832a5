package issuesync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

// keepPages is how long a page that nobody asks for is remembered.
const keepPages = 7 * 24 * time.Hour

// leaf is a page of a list. What is not fresh was taken over before: of it the ids are known.
type leaf struct {
	page
	fresh bool
	id    string
}

// turn reads a page of a list, without cost where nothing has changed on it since all of it
// was taken over. read is the API's list or remarks.
func (s *Sync) turn(ctx context.Context, path string, read func(ctx context.Context, path, etag string) (page, error)) (leaf, error) {
	id := s.pageID(path)
	var had models.GithubPage
	if err := s.db.Read(ctx).Limit(1).Find(&had, "id = ?", id).Error; err != nil {
		return leaf{}, err
	}
	known := []int64{}
	if had.ID != "" {
		if err := json.Unmarshal([]byte(had.Issues), &known); err != nil {
			return leaf{}, err
		}
	}
	if had.Next == "" && len(known) == 100 { // full, and the last: that another begins behind it may not change its tag
		had.ETag = ""
	}
	p, err := read(ctx, path, had.ETag)
	if t := asTrouble(err); t != nil && t.end == unchanged {
		return leaf{page: page{next: had.Next, last: had.Last, etag: had.ETag, ids: known}, id: id}, nil
	}
	return leaf{page: p, fresh: true, id: id}, err
}

// taken remembers a page after all of it was taken over, not before.
func (s *Sync) taken(ctx context.Context, p leaf) error {
	if p.etag == "" || !p.fresh {
		return nil
	}
	ids, err := json.Marshal(p.ids)
	if err != nil {
		return err
	}
	row := models.GithubPage{ID: p.id, ETag: p.etag, Next: p.next, Last: p.last.UTC(), Issues: string(ids), ReadAt: s.db.Now()}
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&row).Error
	})
}

// pageID is of a token and an address: another token's tag proves nothing.
func (s *Sync) pageID(path string) string {
	sum := sha256.Sum256([]byte(s.lane.token + "\x00" + path))
	return hex.EncodeToString(sum[:16])
}
