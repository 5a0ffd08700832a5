package notifier

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// answers is a small file beside a database of one node's own, in which each sender keeps
// the last answer of the relay that took a mail, until it stands in the database: a process
// that is killed in between leaves it to the next, which would else have to doubt. Nothing
// waits until the disk has it, so a power cut may lose it; then there is doubt, as without.
//
// A place holds one answer. A sender puts its next one there once the one before stands in the
// database.
type answers struct{ file *os.File }

const (
	answerSize = 1024 // bytes of a place
	longAnswer = 150  // characters that fit in it, however they are written
	answerFile = 1 << 20
)

// takenMail is what a place holds.
type takenMail struct {
	ID     string `json:"id"`
	Fence  int64  `json:"fence"`
	Answer string `json:"answer"`
}

func openAnswers(path string) (*answers, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("answers of the relay: %w", err)
	}
	return &answers{f}, nil
}

// keep writes an answer into a sender's place and reports whether it stands there.
func (a *answers) keep(place int, o outcome) bool {
	if a == nil {
		return false
	}
	text, err := json.Marshal(takenMail{o.d.ID, o.d.Fence, clip(o.answer, longAnswer)})
	if err == nil {
		_, err = a.file.WriteAt(append(text, bytes.Repeat([]byte{'\n'}, answerSize-len(text))...), int64(place)*answerSize)
	}
	if err != nil {
		slog.Warn("notifier: an answer of the relay could not be kept; its sender waits for the database", "error", err)
	}
	return err == nil
}

func (a *answers) close() {
	if a != nil {
		_ = a.file.Close()
	}
}

// left reads what a former life left behind. What is no answer, such as a half-written one,
// is passed by.
func (a *answers) left() (all []takenMail, err error) {
	text, err := io.ReadAll(io.NewSectionReader(a.file, 0, answerFile))
	for place := range slices.Chunk(text, answerSize) {
		var t takenMail
		if json.Unmarshal(place, &t) == nil && t.ID != "" {
			all = append(all, t)
		}
	}
	return all, err
}

// takeAnswers writes down what a former life of the only node was told by the relay, and
// empties the file.
func (n *Notifier) takeAnswers(ctx context.Context, path string) (err error) {
	if n.answers, err = openAnswers(path); err != nil {
		return err
	}
	left, err := n.answers.left()
	if err != nil {
		return err
	}
	var ends []*entry
	for _, t := range left {
		end := n.sent(models.Delivery{ID: t.ID, Fence: t.Fence}, t.Answer)
		ends = append(ends, &entry{end: &end})
	}
	err = n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return n.normal.register.applyAll(tx, ends, n.db.Now()) })
	if err != nil {
		return err
	}
	return n.answers.file.Truncate(0)
}
