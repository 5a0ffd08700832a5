package themes

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// told is what somebody said.
type told struct{ ID, Title, Text string }

// told reads what people said, as where and its order say; never what is
// confidential.
func (f *follower) told(ctx context.Context, where string, args ...any) (out []told, err error) {
	err = f.each(ctx, "SELECT id, title, text FROM suggestions WHERE confidential = FALSE AND "+where, args, func(rows *sql.Rows) error {
		var t told
		err := rows.Scan(&t.ID, &t.Title, &t.Text)
		out = append(out, t)
		return err
	})
	return out, err
}

// each calls f with every row. gorm's own reading would cost a start a tenth of its
// time.
func (f *follower) each(ctx context.Context, query string, args []any, row func(*sql.Rows) error) error {
	rows, err := f.db.Read(ctx).Raw(query, args...).Rows()
	if err != nil {
		return fmt.Errorf("read for the index: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("read for the index: %w", err)
		}
	}
	return rows.Err()
}

// seat is a suggestion in one of its themes.
type seat struct {
	SuggestionID, ThemeID, Action string
	SpanStart, SpanEnd            int
}

// verdictOn is a person's word on whether a suggestion belongs to a theme.
type verdictOn struct {
	SuggestionID, ThemeID string
	Same                  bool
}

// standing is where suggestions stand, by suggestion: their themes, the first
// first, and what people said of them and themes.
type standing struct {
	seats map[string][]seat
	words map[string][]verdictOn
}

// standing reads where the suggestions stand that where names.
func (f *follower) standing(ctx context.Context, where string, args ...any) (st standing, err error) {
	var seats []seat
	err = f.each(ctx, "SELECT suggestion_id, theme_id, action, span_start, span_end FROM suggestion_themes WHERE "+where+" ORDER BY suggestion_id, created_at, theme_id", args, func(rows *sql.Rows) error {
		var s seat
		err := rows.Scan(&s.SuggestionID, &s.ThemeID, &s.Action, &s.SpanStart, &s.SpanEnd)
		seats = append(seats, s)
		return err
	})
	if err != nil {
		return st, err
	}
	var words []verdictOn
	if err := f.db.Read(ctx).Raw("SELECT suggestion_id, theme_id, same FROM decisions WHERE proposed = ? AND "+where+" ORDER BY suggestion_id, theme_id", append([]any{false}, args...)...).
		Scan(&words).Error; err != nil {
		return st, fmt.Errorf("read decisions for the index: %w", err)
	}
	st.seats = bySuggestion(seats, func(s seat) string { return s.SuggestionID })
	st.words = bySuggestion(words, func(w verdictOn) string { return w.SuggestionID })
	return st, nil
}

// bySuggestion groups rows that come one suggestion after the other.
func bySuggestion[T any](rows []T, of func(T) string) map[string][]T {
	out := make(map[string][]T, len(rows))
	for i := 0; i < len(rows); {
		n := i
		for n < len(rows) && of(rows[n]) == of(rows[i]) {
			n++
		}
		out[of(rows[i])] = rows[i:n:n]
		i = n
	}
	return out
}

// texts reads the items of suggestions. Echoes have none: copies of one text would
// be most of the nearest that vote.
func (f *follower) texts(ctx context.Context, ids []string) ([]textRow, error) {
	ss, err := f.told(ctx, "id IN ? AND echo_of = ''", ids)
	if err != nil {
		return nil, err
	}
	st, err := f.standing(ctx, "suggestion_id IN ?", ids)
	if err != nil {
		return nil, err
	}
	of := []string{}
	for _, seats := range st.seats {
		for _, s := range seats {
			of = append(of, s.ThemeID)
		}
	}
	for _, words := range st.words {
		for _, w := range words {
			of = append(of, w.ThemeID)
		}
	}
	slices.Sort(of)
	public := map[string]bool{}
	for some := range slices.Chunk(slices.Compact(of), 500) {
		var ths []struct {
			ID     string
			Public bool
		}
		if err := f.db.Read(ctx).Model(&models.Theme{}).Find(&ths, "id IN ? AND merged_into = '' AND gone_at IS NULL", some).Error; err != nil {
			return nil, fmt.Errorf("read themes for the index: %w", err)
		}
		for _, th := range ths {
			public[th.ID] = th.Public
		}
	}
	return textRows(ss, st, public), nil
}

// textRows are the items of suggestions, those of one beside each other, its first
// under its own id, and last, once more for each live theme that a person said they
// do not belong to ("sug…|not|thm…"). Public knows the live themes. What needs a
// join is put together here, for it is done a million times at a start.
func textRows(ss []told, st standing, public map[string]bool) []textRow {
	out := make([]textRow, 0, len(ss)+len(st.words))
	for _, s := range ss {
		words, seats := st.words[s.ID], st.seats[s.ID]
		if len(seats) == 0 {
			seats = []seat{{}} // in none
		}
		for n, p := range seats {
			item := dedup.Item{ID: s.ID, Theme: p.ThemeID, Title: s.Title, Text: s.Text, Public: public[p.ThemeID]}
			item.Unasked = p.Action == models.ActionAttached && !slices.Contains(words, verdictOn{s.ID, p.ThemeID, true})
			if 0 <= p.SpanStart && p.SpanStart < p.SpanEnd && p.SpanEnd <= len(s.Text) {
				item.Text = s.Text[p.SpanStart:p.SpanEnd]
			}
			if n > 0 {
				item.ID += "|" + p.ThemeID
			}
			out = append(out, textRow{Item: item, suggestion: s.ID, digest: models.Digest(item.Title, item.Text)})
		}
		for _, w := range words {
			if isPublic, live := public[w.ThemeID]; live && !w.Same {
				item := dedup.Item{ID: s.ID + "|not|" + w.ThemeID, Theme: w.ThemeID, Title: s.Title, Text: s.Text, Public: isPublic, Against: true}
				out = append(out, textRow{Item: item, suggestion: s.ID, digest: models.Digest(item.Title, item.Text)})
			}
		}
	}
	return out
}
