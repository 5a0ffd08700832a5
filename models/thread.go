package models

import "time"

// Who speaks in a thread.
const (
	AuthorStaff  = "staff"
	AuthorPerson = "person"
	AuthorSystem = "system"
)

// Kinds of messages.
const (
	MessageReply     = "reply"
	MessageObjection = "objection" // the person says: this is not what I meant
)

// Message is one thing said about a suggestion, after redaction: by staff to the
// person, or by the person. It never changes. ActivityID is the activity that
// records it; Lang is "en", "zh" or "" where nobody can tell.
type Message struct {
	ID           string
	SuggestionID string
	ActivityID   string
	Author       string
	Kind         string
	ActorKind    string
	ActorID      string
	ActorName    string
	Text         string
	Lang         string
	CreatedAt    time.Time
}

// Media types of attachments: what is not one of these is not taken.
const (
	MediaPNG  = "image/png"
	MediaJPEG = "image/jpeg"
	MediaPDF  = "application/pdf"
	MediaText = "text/plain"
)

// Attachment is a file that came with a suggestion, or with a message in its
// thread. MediaType is told from the bytes. Size is in bytes as stored; Width and
// Height are an image's, in pixels. Checked says that it was searched for secrets,
// of which Masked were masked: only text can be.
type Attachment struct {
	ID           string
	SuggestionID string
	MessageID    string
	Name         string
	MediaType    string
	Size         int
	Width        int
	Height       int
	Checked      bool
	Masked       int
	ActorKind    string
	ActorID      string
	ActorName    string
	CreatedAt    time.Time
}

// IsImage reports whether a page may show the attachment.
func (a *Attachment) IsImage() bool { return a.MediaType == MediaPNG || a.MediaType == MediaJPEG }

// AttachmentContent holds an attachment's bytes.
type AttachmentContent struct {
	AttachmentID string `gorm:"primaryKey"`
	Body         []byte
}
