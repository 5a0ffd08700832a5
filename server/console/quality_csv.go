package console

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// qualityCSV gives one of the quality page's tables (weeks, bands, doubtful) to be
// opened in a spreadsheet: the same figures, and what each share is taken of.
func (c *Console) qualityCSV(ec echo.Context) error {
	q, err := c.s.Themes.Quality(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	d := qualityOf(&q)
	table := ec.QueryParam("table")
	var rows [][]string
	switch table {
	case "weeks":
		rows = c.weekRows(ec, d.Weeks)
	case "bands":
		rows = c.bandRows(ec, d.Bands)
	case "doubtful":
		r, err := c.replay(ec, &q)
		if err != nil {
			return err
		}
		if r.Error != "" {
			return models.BadField("threshold", "threshold_range")
		}
		rows = c.doubtfulRows(ec, r.Result)
	default:
		return models.BadField("table", "table_unknown", table)
	}
	h := ec.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="heed-quality-`+table+`-`+q.Measured.Format(time.DateOnly)+`.csv"`)
	h.Set(echo.HeaderCacheControl, "private, no-store")
	ec.Response().WriteHeader(http.StatusOK)
	if _, err := ec.Response().Write([]byte("\ufeff")); err != nil { // without it Excel takes UTF-8 for something else
		return err
	}
	w := csv.NewWriter(ec.Response())
	for _, row := range rows {
		for i := range row {
			row[i] = inert(row[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// inert keeps a spreadsheet from taking people's words for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func (c *Console) weekRows(ec echo.Context, weeks []ui.QualityWeek) [][]string {
	p := c.Printer(ec)
	rows := [][]string{{p.T("quality.week"), p.T("quality.decisions"), p.T("quality.csv.proposed"), p.T("quality.csv.named"), p.T("quality.csv.existed"), p.T("quality.csv.found")}}
	for _, w := range weeks {
		rows = append(rows, []string{w.Start.Format(time.DateOnly), strconv.Itoa(w.Decisions), strconv.Itoa(w.Precision.Of), strconv.Itoa(w.Precision.N),
			strconv.Itoa(w.Recall.Of), strconv.Itoa(w.Recall.N)})
	}
	return rows
}

func (c *Console) bandRows(ec echo.Context, bands []ui.QualityBand) [][]string {
	p := c.Printer(ec)
	rows := [][]string{{p.T("quality.said"), p.T("quality.filed"), p.T("quality.right"), p.T("quality.wrong"), p.T("quality.open")}}
	for _, b := range bands {
		rows = append(rows, []string{p.T("quality.band." + b.Name), strconv.Itoa(b.Filed), strconv.Itoa(b.Right), strconv.Itoa(b.Wrong), strconv.Itoa(b.Open)})
	}
	return rows
}

func (c *Console) doubtfulRows(ec echo.Context, r *ui.Replayed) [][]string {
	p := c.Printer(ec)
	rows := [][]string{{p.T("quality.csv.suggestion"), p.T("quality.doubtful.into"), p.T("quality.csv.outcome"), p.T("quality.csv.chosen"), p.T("quality.csv.id")}}
	if r == nil {
		return rows
	}
	for _, d := range r.Doubtful {
		rows = append(rows, []string{d.Title, d.Theme.Title, strings.TrimRight(p.T("quality.outcome."+d.Outcome), ":："), d.Chosen.Title, strings.TrimPrefix(d.URL, "/inbox/")})
	}
	return rows
}
