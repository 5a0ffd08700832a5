package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"

	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
)

const (
	// formFiles is how many files of the largest size one form may carry.
	formFiles = 3
	// uploadMemory bounds what all uploads under way take together; who comes later
	// waits for uploadPatience.
	uploadMemory   = 96 << 20
	uploadPatience = 10 * time.Second
	formOverhead   = 1 << 20
)

// uploads bounds requests that carry files, and how much of them is in memory at a
// time.
type uploads struct{ memory *semaphore.Weighted }

func newUploads() uploads { return uploads{semaphore.NewWeighted(uploadMemory)} }

func isMultipart(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// uploadLimit is how large a request with files may be, 0 for one that is none.
func uploadLimit(r *http.Request, most int) int64 {
	path := r.URL.Path
	switch {
	case r.Method != http.MethodPost || !isMultipart(r):
		return 0
	case strings.HasPrefix(path, api.Prefix+"/") && strings.HasSuffix(path, "/attachments"):
		return int64(most) + formOverhead
	case path == "/suggest", path == "/capture", strings.HasPrefix(path, "/s/"), strings.HasPrefix(path, "/suggestions/") && strings.HasSuffix(path, "/attachments"):
		return int64(formFiles*most) + formOverhead
	}
	return 0
}

// take runs next with a body of at most limit bytes; most is what one file may
// have. A body that says it is larger is refused unread.
func (u uploads) take(c echo.Context, limit int64, most int, next echo.HandlerFunc) error {
	r := c.Request()
	if r.ContentLength > limit {
		c.Response().Header().Set("Connection", "close")
		return tooLarge(most)
	}
	weight := limit
	if r.ContentLength >= 0 {
		weight = r.ContentLength
	}
	weight = min(3*weight, uploadMemory) // as it came, as a form, as it is kept
	ctx, cancel := context.WithTimeout(r.Context(), uploadPatience)
	defer cancel()
	if err := u.memory.Acquire(ctx, weight); err != nil {
		return models.Busy("uploads_busy", uploadPatience, err)
	}
	defer u.memory.Release(weight)
	r.Body = &bounded{r: r.Body, left: limit, most: most}
	return next(c)
}

// tooLarge is the refusal of a whole request.
func tooLarge(most int) error {
	e := models.Fail(models.TooLarge, "upload_too_large", files.Megabytes(most))
	e.Field = files.Field
	return e
}

// bounded fails once more than left bytes were read.
type bounded struct {
	r    io.ReadCloser
	left int64
	most int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, tooLarge(b.most)
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.most)
	}
	return n, err
}

func (b *bounded) Close() error { return b.r.Close() }

// readUpload keeps a multipart body as it came, and for idempotency keys its
// digest without the boundary, which clients make anew at each try.
func readUpload(c echo.Context) error {
	r := c.Request()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if e, ok := errors.AsType[*models.Error](err); ok {
			return e
		}
		return models.Fail(models.Invalid, "body_unreadable")
	}
	plain := body
	if _, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && params["boundary"] != "" {
		plain = bytes.ReplaceAll(body, []byte(params["boundary"]), []byte("-"))
	}
	sum := sha256.Sum256(plain)
	r = r.WithContext(api.WithRequest(r.Context(), r.Method+" "+r.URL.RequestURI(), sum[:]))
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.SetRequest(r)
	return nil
}
