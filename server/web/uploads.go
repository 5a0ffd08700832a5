package web

import (
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
)

// What answers that carry a file say: a browser saves it, and runs nothing of it.
const (
	FilePolicy = "default-src 'none'; sandbox"
	FileCache  = "private, no-store"
)

// FileType is the Content-Type of an attachment.
func FileType(a models.Attachment) string {
	if a.MediaType == models.MediaText {
		return "text/plain; charset=utf-8"
	}
	return a.MediaType
}

// FileDisposition lets a browser save an attachment under its name.
func FileDisposition(a models.Attachment) string {
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}); d != "" {
		return d
	}
	return "attachment"
}

// File sends an attachment.
func File(c echo.Context, a models.Attachment, body []byte) error {
	h := c.Response().Header()
	h.Set("Content-Disposition", FileDisposition(a))
	h.Set("Content-Security-Policy", FilePolicy)
	h.Set("Cache-Control", FileCache)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	return c.Blob(200, FileType(a), body)
}

// Uploads reads the files of a form, under whatever field. The body was bounded
// before, so that all of it stays in memory: what may hold a secret is never put
// into a temporary file.
func Uploads(form *multipart.Form) ([]intake.Upload, error) {
	out := []intake.Upload{}
	if form == nil {
		return out, nil
	}
	for _, headers := range form.File {
		for _, h := range headers {
			if h.Size == 0 && h.Filename == "" { // a field in which nothing was chosen
				continue
			}
			f, err := h.Open()
			if err != nil {
				return nil, err
			}
			b, err := io.ReadAll(f)
			f.Close()
			if err != nil {
				return nil, err
			}
			out = append(out, intake.Upload{Name: h.Filename, Body: b})
		}
	}
	return out, nil
}

// FormUploads reads the files that came with a browser's form; none from a form
// that carries no files.
func FormUploads(c echo.Context) ([]intake.Upload, error) {
	if !strings.HasPrefix(c.Request().Header.Get("Content-Type"), "multipart/form-data") {
		return nil, nil
	}
	form, err := c.MultipartForm()
	if err != nil {
		return nil, err
	}
	return Uploads(form)
}
