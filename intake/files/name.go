package files

import (
	"slices"
	"strings"
	"unicode"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

const maxName = 100 // characters

// extensions that may stand at the end of a name, the usual one first.
var extensions = map[string][]string{
	models.MediaPNG:  {".png"},
	models.MediaJPEG: {".jpg", ".jpeg"},
	models.MediaPDF:  {".pdf"},
	models.MediaText: {".txt", ".log", ".json", ".jsonl", ".csv", ".md"},
}

// cleanName keeps of a name what is harmless to show and to save under: no path,
// nothing invisible, no secret.
func cleanName(r *redact.Redactor, name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name, _ = r.Mask(name)
	name = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c), strings.ContainsRune(`<>:"|?*;%`, c):
			return -1
		case unicode.IsSpace(c):
			return ' '
		}
		return c
	}, name)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	if c := []rune(name); len(c) > maxName {
		name = string(c[len(c)-maxName:]) // the end tells more, and holds the extension
	}
	if name == "" {
		return "file"
	}
	return name
}

// withExtension lets a name end in what the file is.
func withExtension(name, mediaType string) string {
	fine := extensions[mediaType]
	lower := strings.ToLower(name)
	if slices.ContainsFunc(fine, func(e string) bool { return strings.HasSuffix(lower, e) && len(name) > len(e) }) {
		return name
	}
	return name + fine[0]
}
