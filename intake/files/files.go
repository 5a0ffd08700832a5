package files

import (
	"bytes"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// Field is what errors name.
const Field = "file"

// File is a file as it may be kept. Findings are what was masked in its text.
type File struct {
	Name      string
	MediaType string
	Body      []byte
	Width     int
	Height    int
	Checked   bool
	Findings  []redact.Finding
}

// Clean reads what was uploaded under a name and returns what may be kept of it;
// most bounds the bytes before and after. Errors are for who uploaded it and name
// the file and the limit: TooLarge file_too_large; Invalid file_empty, file_type,
// file_archive, file_broken, file_pixels.
func Clean(r *redact.Redactor, name string, body []byte, most int) (File, error) {
	f := File{Name: cleanName(r, name)}
	switch {
	case len(body) > most:
		return File{}, TooLarge(f.Name, most)
	case len(body) == 0:
		return File{}, models.BadField(Field, "file_empty", f.Name)
	}
	var err error
	switch what := sniff(body); what {
	case isPNG, isJPEG, isGIF, isWebP:
		err = f.image(what, body, most)
	case isPDF:
		f.MediaType, f.Body = models.MediaPDF, body
	case isArchive:
		return File{}, models.BadField(Field, "file_archive", f.Name)
	case isText:
		f.MediaType, f.Checked = models.MediaText, true
		f.Body, f.Findings, err = f.text(r, body)
	default:
		return File{}, models.BadField(Field, "file_type", f.Name)
	}
	if err != nil {
		return File{}, err
	}
	f.Name = withExtension(f.Name, f.MediaType)
	return f, nil
}

// TooLarge is the error for a file of more than most bytes.
func TooLarge(name string, most int) error {
	e := models.Fail(models.TooLarge, "file_too_large", name, Megabytes(most))
	e.Field = Field
	return e
}

// Megabytes is a limit as people say it.
func Megabytes(n int) int { return n >> 20 }

// kind is what bytes are.
type kind int

const (
	isUnknown kind = iota
	isPNG
	isJPEG
	isGIF
	isWebP
	isPDF
	isArchive
	isText
)

// archives and their kin: what is inside them cannot be looked at.
var archives = []string{"PK\x03\x04", "PK\x05\x06", "PK\x07\x08", "\x1f\x8b", "BZh", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "\x04\x22\x4d\x18"}

// sniff tells what the bytes begin as; a name and a declared type count for
// nothing.
func sniff(body []byte) kind {
	begins := func(s string) bool { return bytes.HasPrefix(body, []byte(s)) }
	switch {
	case begins("\x89PNG\r\n\x1a\n"):
		return isPNG
	case begins("\xff\xd8\xff"):
		return isJPEG
	case begins("GIF87a"), begins("GIF89a"):
		return isGIF
	case begins("RIFF") && len(body) > 12 && string(body[8:12]) == "WEBP":
		return isWebP
	case begins("%PDF-"):
		return isPDF
	}
	for _, magic := range archives {
		if begins(magic) {
			return isArchive
		}
	}
	if len(body) > 262 && string(body[257:262]) == "ustar" {
		return isArchive
	}
	if _, ok := decodeText(body); ok {
		return isText
	}
	return isUnknown
}
