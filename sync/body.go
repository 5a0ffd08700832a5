package issuesync

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/heedhq/heed/models"
)

// What GitHub takes of an issue, in characters; the body with room to spare.
const (
	maxIssueTitle = 256
	maxIssueBody  = 60_000
)

// compose writes what an issue says of its theme: the public title, and in a block of its
// body the public text, how many people asked, and where the public page is. Nothing else
// may go out.
func (s *Sync) compose(th *models.Theme, linkID string) (title, block string) {
	clean := func(t string) string { return strings.TrimSpace(s.neutralise(s.opts.Redact(t))) }
	names, texts := th.PublicTitle.Map(clean), th.PublicText.Map(clean)
	first, _ := names.In("en")
	title = clip(strings.Join(strings.Fields(first), " "), maxIssueTitle-1)

	en, zh := texts.EN, texts.ZH
	if en == "" {
		en = texts.Any
	}
	var parts []string
	add := func(p string) {
		if p != "" {
			parts = append(parts, p)
		}
	}
	english, chinese := en != "" || names.EN != "" || names.Any != "", zh != "" || names.ZH != ""
	if english || !chinese {
		add(en)
		add(s.footerEN(th))
	}
	if chinese {
		if english {
			add("---")
			if names.ZH != "" {
				add("**" + strings.Join(strings.Fields(names.ZH), " ") + "**")
			}
		}
		add(zh)
		add(s.footerZH(th))
	}
	marker := s.marker(linkID)
	text := clip(strings.Join(parts, "\n\n"), maxIssueBody-len(blockBegin)-len(marker)-4)
	return title, blockBegin + "\n" + text + "\n\n" + marker
}

// blockBegin is the first line of the block, a marker its last. What people write around it
// is theirs.
const blockBegin = "<!-- heed:begin -->"

// blockIn finds the link's block in a body; "" where there is none, or half of one.
func (s *Sync) blockIn(body, linkID string) string {
	end := strings.Index(body, s.marker(linkID))
	if end < 0 {
		return ""
	}
	from := strings.LastIndex(body[:end], blockBegin)
	if from < 0 {
		return ""
	}
	return body[from : end+len(s.marker(linkID))]
}

// counted are the lines that say how many people asked. A vote alone is no reason to write.
var counted = regexp.MustCompile(`(?m)^(?:\d+ (?:people|person) asked for this\.|\d+ 人支持。)`)

// digest is a block's text in short: GitHub's editor ends lines in its own way.
func digest(block string) string {
	if block == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(counted.ReplaceAllString(strings.ReplaceAll(block, "\r", ""), "#")))
	return hex.EncodeToString(sum[:12])
}

func (s *Sync) footerEN(th *models.Theme) string {
	out := fmt.Sprintf("%d people asked for this.", th.PeopleCount)
	if th.PeopleCount == 1 {
		out = "1 person asked for this."
	}
	if u := s.publicPage(th); u != "" {
		out += " Follow it at " + u
	}
	return out
}

func (s *Sync) footerZH(th *models.Theme) string {
	out := fmt.Sprintf("%d 人支持。", th.PeopleCount)
	if u := s.publicPage(th); u != "" {
		out += "进展见 " + u
	}
	return out
}

// publicPage is "" for a theme that nobody outside may see.
func (s *Sync) publicPage(th *models.Theme) string {
	if !th.Public || s.opts.PublicURL == "" {
		return ""
	}
	return strings.TrimSuffix(s.opts.PublicURL, "/") + "/t/" + th.ID
}
