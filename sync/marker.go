package issuesync

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// A marker is the last line of an issue that this installation created. It says
// for which link, and proves it.
var (
	markerForm = regexp.MustCompile(`<!-- heed:((?:iss|cmt)_[0-9a-v]{26}):([0-9a-f]{64}) -->`)
	imitation  = regexp.MustCompile(`(?is)<!--\s*heed:.*?(?:-->|\z)`)
)

// Unmarked is a text without the comments in which Heed marks what is its own.
func Unmarked(text string) string { return imitation.ReplaceAllString(text, "") }

func (s *Sync) marker(linkID string) string {
	return "<!-- heed:" + linkID + ":" + s.proof(linkID) + " -->"
}

func (s *Sync) proof(linkID string) string {
	mac := hmac.New(sha256.New, s.opts.Secret)
	mac.Write([]byte("issue marker\x00" + linkID)) // the key seals other things too
	return hex.EncodeToString(mac.Sum(nil))
}

// marked gives the link that a body was written for, "" when no proven marker
// is in it. Whether the author is ours is the caller's to check.
func (s *Sync) marked(body string) string {
	for _, m := range markerForm.FindAllStringSubmatch(body, -1) {
		if hmac.Equal([]byte(m[2]), []byte(s.proof(m[1]))) {
			return m[1]
		}
	}
	return ""
}
