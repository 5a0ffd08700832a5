package intake

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Limits, in characters.
const (
	MaxText     = 20_000
	MaxTitle    = 200
	MaxShort    = 200 // names, sources, versions
	MaxContext  = 64  // entries
	MaxExamples = 20
	MaxEmail    = 300 // auth.NormalEmail is stricter; this only bounds the field
)

// SourcePortal is where people's own words come from, whatever they claim.
const SourcePortal = "portal"

// Submission is what came through a door. Text is the person's words (an
// agent's Quote serves where it is missing), Summary the agent's own.
type Submission struct {
	Text    string
	Title   string
	Quote   string
	Summary string
	Kind    string
	Lang    string
	Product string
	// Urgency and Team are staff's and integrations' to give; "" leaves them to the
	// rules.
	Urgency    string
	Team       string
	Source     string
	SourceURL  string
	ExternalID string
	Version    string
	Person     *PersonInput
	Context    map[string]any
	Files      []Upload // kept with it, or nothing is filed
	// Examples name what only looks like a secret, as "rule:end" with the end that
	// the answer to an earlier try told: it is not masked. A recovery phrase with a
	// right checksum and a private key are masked nonetheless.
	Examples []string

	// ours says that the words are Heed's own, and alarm nobody.
	ours bool
	// cause is why it is an emergency whatever its words say, "" for what they say.
	cause models.Cause
}

// PersonInput names a person by e-mail address or by a handle on a channel.
type PersonInput struct {
	Email    string
	Handle   *Handle
	Name     string
	Locale   string
	TimeZone string
	Segment  string
}

// Handle is a person on a channel such as "telegram".
type Handle struct{ Channel, ID string }

var channelForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

func (s *Submission) check() error {
	if strings.TrimSpace(s.Text) == "" {
		s.Text = s.Quote
	}
	for _, f := range []struct {
		name string
		text *string
		most int
	}{
		{"text", &s.Text, MaxText}, {"quote", &s.Quote, MaxText}, {"summary", &s.Summary, MaxText}, {"title", &s.Title, MaxTitle},
		{"product", &s.Product, MaxShort}, {"source", &s.Source, MaxShort}, {"external_id", &s.ExternalID, MaxShort}, {"version", &s.Version, MaxShort}, {"team", &s.Team, MaxShort},
		{"source_url", &s.SourceURL, 2000},
	} {
		if err := clean(f.name, f.text, f.most); err != nil {
			return err
		}
	}
	if s.Text == "" {
		return models.BadField("text", "text_required")
	}
	if s.Source == "" {
		s.Source = sourceUnsaid
	}
	if s.SourceURL != "" {
		if u, err := url.Parse(s.SourceURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return models.BadField("source_url", "url_invalid")
		}
	}
	if _, err := ParseKind(s.Kind); err != nil {
		return err
	}
	if _, err := ParseUrgency(s.Urgency); err != nil {
		return err
	}
	if len(s.Context) > MaxContext {
		return models.BadField("context", "too_many", MaxContext, len(s.Context))
	}
	if len(s.Examples) > MaxExamples {
		return models.BadField("examples", "too_many", MaxExamples, len(s.Examples))
	}
	for i, e := range s.Examples {
		if utf8.RuneCountInString(e) > MaxShort || !strings.Contains(e, ":") {
			return models.BadField(fmt.Sprintf("examples/%d", i), "example_form")
		}
	}
	if s.Person != nil {
		return s.Person.check("person")
	}
	return nil
}

// clean trims a field and refuses what cannot be stored or is too long.
func clean(field string, s *string, most int) error {
	if !utf8.ValidString(*s) {
		return models.BadField(field, "not_utf8")
	}
	if strings.ContainsRune(*s, 0) {
		return models.BadField(field, "nul_character")
	}
	*s = strings.TrimSpace(*s)
	if !strings.ContainsFunc(*s, visible) {
		*s = ""
	}
	if n := utf8.RuneCountInString(*s); n > most {
		return models.BadField(field, "too_long", most)
	}
	return nil
}

// visible reports characters that leave something on the page.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r)
}

func (p *PersonInput) check(field string) error {
	for name, s := range map[string]*string{"name": &p.Name, "locale": &p.Locale, "time_zone": &p.TimeZone, "segment": &p.Segment, "email": &p.Email} {
		if err := clean(field+"/"+name, s, MaxEmail); err != nil {
			return err
		}
	}
	p.Name = oneLine(p.Name)
	if p.Email == "" && p.Handle == nil {
		return models.BadField(field, "person_address_required")
	}
	if p.Email != "" {
		email, err := auth.NormalEmail(p.Email)
		if e, ok := errors.AsType[*models.Error](err); ok {
			e.Field = field + "/email"
			return e
		}
		p.Email = email
	}
	if p.Handle != nil {
		p.Handle.Channel = strings.ToLower(strings.TrimSpace(p.Handle.Channel))
		if !channelForm.MatchString(p.Handle.Channel) || p.Handle.Channel == models.ChannelEmail {
			return models.BadField(field+"/handle/channel", "channel_invalid")
		}
		if err := clean(field+"/handle/id", &p.Handle.ID, MaxShort); err != nil {
			return err
		}
		if p.Handle.ID == "" {
			return models.BadField(field+"/handle/id", "handle_required")
		}
	}
	if p.TimeZone != "" {
		if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
			return models.BadField(field+"/time_zone", "time_zone_unknown", p.TimeZone)
		}
	}
	return nil
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// told is the locale that the submission names, "" when it names none we have.
func (p *PersonInput) told() string { return locale(p.Locale) }

// locale is the language in which a new person will be written to.
func (p *PersonInput) locale(lang, fallback string) string {
	for _, s := range []string{p.Locale, lang} {
		if l := locale(s); l != "" {
			return l
		}
	}
	return fallback
}

// locale reduces a language tag to one of ours, "" when it is none.
func locale(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	if base == "en" || base == "zh" {
		return base
	}
	return ""
}

// ParseKind reads a kind; "" is "to be told from the text", and "complaint" is
// what many teams call a problem.
func ParseKind(s string) (models.SuggestionKind, error) {
	switch k := models.SuggestionKind(strings.ToLower(strings.TrimSpace(s))); k {
	case "", models.KindSuggestion, models.KindProblem, models.KindQuestion:
		return k, nil
	case "complaint":
		return models.KindProblem, nil
	}
	return "", models.BadField("kind", "kind_unknown", s)
}

// ParseUrgency reads an urgency; "" is "to be told by the rules".
func ParseUrgency(s string) (models.Urgency, error) {
	u := models.Urgency(strings.ToLower(strings.TrimSpace(s)))
	if u != "" && !slices.Contains(models.Urgencies(), u) {
		return "", models.BadField("urgency", "urgency_unknown", s)
	}
	return u, nil
}
