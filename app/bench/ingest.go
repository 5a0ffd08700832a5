package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/heedhq/heed/models"
)

const (
	ingestName  = "ingest"
	posters     = 5000    // people behind the posts
	ingestBench = "bench" // source of what is posted
)

// Ingest measures POST /api/v1/suggestions, each with a text of its own (or all
// with the same) by one of 5,000 people, and compares what is stored with what was
// answered.
func Ingest(ctx context.Context, o Options) (*Report, error) {
	if err := o.CheckIngest(); err != nil {
		return nil, err
	}
	return run(ctx, ingestName, o, func(ctx context.Context, h *house, r *Report) error {
		bodies, err := h.posts()
		if err != nil {
			return err
		}
		answers := make([]filed, o.Posts)
		ask := func(ctx context.Context, i int) (int, []byte, error) {
			return h.client.ask(ctx, "/api/v1/suggestions", bodies[i])
		}
		if o.MCP {
			r.Conditions = append(r.Conditions, "filed by file_suggestion at /mcp")
			ask = func(ctx context.Context, i int) (int, []byte, error) { return h.client.fileByTool(ctx, i, bodies[i]) }
		}
		err = r.timed(ctx, o, "Posting", o.Posts, ask, func(i, status int, answer []byte) {
			if status == http.StatusCreated && json.Unmarshal(answer, &answers[i]) != nil {
				answers[i] = filed{ID: "unreadable answer"}
			}
		})
		if err != nil {
			return err
		}
		r.Stored, err = h.compare(ctx, answers)
		return err
	})
}

// filed is what is read of an answer.
type filed struct{ ID, Action string }

// posts writes the bodies, every text once, and none that an earlier measurement of
// the same database posted; or one text for all.
func (h *house) posts() ([][]byte, error) {
	o := h.opts
	texts, seen := newTexts(askTexts, topicsOf(max(o.Items, o.Posts))), map[string]bool{}
	for range h.posted {
		seen[texts.next().body] = true
	}
	first := texts.next()
	out := make([][]byte, 0, o.Posts)
	for tries := 0; len(out) < o.Posts; tries++ {
		if tries > 20*o.Posts {
			return nil, fmt.Errorf("%d posts: the generator knows no more texts", o.Posts)
		}
		x := first
		if tries > 0 && !o.Same {
			x = texts.next()
		}
		if seen[x.body] && !o.Same {
			continue
		}
		seen[x.body] = true
		body, err := h.postOf(x, fmt.Sprintf("poster-%d", len(out)%posters))
		if err != nil {
			return nil, err
		}
		out = append(out, body)
	}
	return out, nil
}

// postOf is what somebody posts.
func (h *house) postOf(x text, who string) ([]byte, error) {
	return json.Marshal(map[string]any{
		"text": x.body, "source": h.source,
		"person": map[string]string{"email": who + "@bench.example", "locale": x.lang},
	})
}

// compare looks every answer up in the database.
func (h *house) compare(ctx context.Context, answers []filed) (*Stored, error) {
	s := &Stored{Actions: map[string]int{}, Broken: []string{}}
	missing := map[string]bool{}
	for _, a := range answers {
		if a.ID == "" {
			continue
		}
		s.Accepted++
		s.Actions[a.Action]++
		if missing[a.ID] {
			s.Lost++ // one row for two answers
		}
		missing[a.ID] = true
	}
	var rows []struct{ ID, Text string }
	if err := h.app.DB.Read(ctx).Model(&models.Suggestion{}).Select("id", "text").Find(&rows, "source = ?", h.source).Error; err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	s.Rows = len(rows)
	if err := h.places(ctx, s); err != nil {
		return nil, err
	}
	copies, asked := map[string]int{}, map[string]bool{} // by text: the order of the rows must not matter
	for _, row := range rows {
		copies[row.Text]++
		asked[row.Text] = asked[row.Text] || missing[row.ID]
		delete(missing, row.ID)
	}
	for text, n := range copies {
		if !h.opts.Same {
			s.Doubled += n - 1
		}
		if !asked[text] {
			s.Unasked++
		}
	}
	if h.opts.Same { // no text tells which row is one too many
		s.Doubled = max(0, s.Rows-s.Accepted)
	}
	s.Lost += len(missing)
	invariants, err := h.app.DB.Check(ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range invariants {
		if i.Broken != 0 {
			s.Broken = append(s.Broken, fmt.Sprintf("%s (%d)", i.Name, i.Broken))
		}
	}
	return s, nil
}

// places counts the themes and the lines of the inbox that the posts take.
func (h *house) places(ctx context.Context, s *Stored) error {
	for query, n := range map[string]*int{
		"SELECT COUNT(DISTINCT x.theme_id) FROM suggestion_themes x JOIN suggestions s ON s.id = x.suggestion_id WHERE s.source = ?": &s.Themes,
		"SELECT COUNT(*) FROM suggestions WHERE source = ? AND waiting = TRUE AND echo_of = ''":                                      &s.Lines,
	} {
		if err := h.app.DB.Read(ctx).Raw(query, h.source).Scan(n).Error; err != nil {
			return fmt.Errorf("compare: %w", err)
		}
	}
	return nil
}
