package ui

import "time"

// Capture is the form for what a person said elsewhere.
type Capture struct {
	Text, Kind, SourceURL, Version string
	// Who is the person as the agent typed them: an address, a handle or a name.
	Who string
	// Email, Name, Channel, Handle, Locale and TimeZone are the person in full.
	Email, Name, Channel, Handle, Locale, TimeZone string
	// Reply is what they are told at once by mail, "" for nothing; CanReply offers it.
	Reply    string
	CanReply bool
	// Same is the theme it belongs to by the agent's word, "" for none.
	Same string
	// Key makes sending twice file once.
	Key string
	// Conversation is the conversation that SourceURL is of, "" when it names none.
	Conversation string
	// Filed is what was filed before of the same conversation, in other words.
	Filed *Filing
	// Limit is how large a file may be, in megabytes.
	Limit int
	// Errors are messages by field.
	Errors    map[string]string
	Similar   CaptureSimilar
	Customers []Customer
	Customer  *Customer
	Channels  []Option
	Recent    []Filing
}

// Details says whether the person's fields stand open.
func (c Capture) Details() bool {
	for _, name := range []string{"email", "name", "channel", "handle", "locale", "time_zone"} {
		if c.Errors[name] != "" {
			return true
		}
	}
	return c.Channel != "" || c.Locale != "" || c.TimeZone != "" || c.Email != ""
}

// Focus is the field to begin with: the first that is not as it should be.
func (c Capture) Focus() string {
	for _, name := range []string{"text", "who", "email", "name", "channel", "handle", "locale", "time_zone", "reply", "source_url", "version"} {
		if c.Errors[name] != "" {
			return name
		}
	}
	return "text"
}

// CaptureSimilar is what is already there, and what may be said about it. Asked
// says that somebody looked, Unlikely that the Themes are merely what comes
// nearest. Secret says that the text holds something that is not stored, Funds
// that it controls somebody's assets.
type CaptureSimilar struct {
	Themes   []SayRef
	Asked    bool
	Unlikely bool
	Secret   bool
	Funds    bool
	// Same is the theme that is chosen.
	Same string
}

// SayRef is a theme with the sentences that may be said about it, in SayLang;
// none while it is not published. N is the key that copies them.
type SayRef struct {
	ThemeRef
	N            int
	Say, SayLang string
}

// Customer is a person as who writes for them needs to know them. Said is of the
// chosen one alone.
type Customer struct {
	ID, Name, Address                  string
	Email, Channel, Handle             string
	Locale, TimeZone, Segment, Account string
	Said                               []Filing
}

// Filing is a suggestion in one line, with what became of it.
type Filing struct {
	ID, URL, Title, Lang, Receipt string
	Outcome                       string
	Theme                         *ThemeRef
	At                            time.Time
	// Filer is who filed it, "" where it is the reader.
	Filer  string
	Unread bool
}

// Outcomes is the page of what became of what one filed.
type Outcomes struct {
	Counts  []Option // by outcome, with the one that is chosen
	All     Option
	Rows    []Filing
	Unread  int
	Newest  int64
	Mail    bool
	Filers  []Option
	MoreURL string
	// Outcome is the filter in use, "" for none.
	Outcome string
}
