package notifier

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strings"
	"unicode"
)

// Answer is what the relay said. Enhanced is the RFC 3463 status ("5.1.1") or
// "". Text is one line of at most 300 characters, without the two codes.
type Answer struct {
	Code     int
	Enhanced string
	Text     string
}

// String writes the answer as the relay did: "550 5.1.1 no such user".
func (a Answer) String() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", a.Code, a.Enhanced, a.Text)), " ")
}

// Stage is where in the conversation something happened.
type Stage string

// The stages in their order. At StageAddress the mail was refused by us,
// before the relay was asked.
const (
	StageAddress Stage = "address"
	StageConnect Stage = "connect"
	StageMail    Stage = "mail"
	StageRcpt    Stage = "rcpt"
	StageData    Stage = "data"
	StageContent Stage = "content"
	StageDot     Stage = "dot"
)

// ErrRefused says that the mail was not accepted, and that it is certain.
// Temporary means a later try may succeed (4xx).
type ErrRefused struct {
	Temporary bool
	Code      int
	Enhanced  string
	Text      string
	Stage     Stage
}

// Answer returns the refusal in the relay's words.
func (e *ErrRefused) Answer() Answer {
	return Answer{Code: e.Code, Enhanced: e.Enhanced, Text: e.Text}
}

// Error names the stage and the relay's answer.
func (e *ErrRefused) Error() string { return fmt.Sprintf("smtp: %s: refused: %s", e.Stage, e.Answer()) }

// ErrInDoubt says that the final dot was begun and no readable answer came:
// the mail may or may not have been accepted. It must not be retried blindly.
type ErrInDoubt struct{ Err error }

// Error names the cause.
func (e *ErrInDoubt) Error() string { return "smtp: in doubt after the final dot: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ErrInDoubt) Unwrap() error { return e.Err }

// ErrUnavailable says that the relay could not be used; nothing was sent and
// the address is not to blame.
type ErrUnavailable struct {
	Stage Stage
	Err   error
}

// Error names the stage and the cause.
func (e *ErrUnavailable) Error() string {
	return fmt.Sprintf("smtp: %s: relay unavailable: %v", e.Stage, e.Err)
}

// Unwrap returns the cause.
func (e *ErrUnavailable) Unwrap() error { return e.Err }

var (
	errCleartextAuth = errors.New("a password is never sent unencrypted to another host: use smtp+starttls:// or smtps://")
	errClosed        = errors.New("the pool is closed")
)

// classify turns an error of a step before the final dot into a typed one.
func classify(stage Stage, err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 400 && reply.Code < 600 {
		return refusal(stage, reply)
	}
	return &ErrUnavailable{Stage: stage, Err: err}
}

// refusal reads a 4xx or 5xx reply.
func refusal(stage Stage, reply *textproto.Error) *ErrRefused {
	a := parseAnswer(reply.Code, reply.Msg)
	return &ErrRefused{Temporary: a.Code < 500, Code: a.Code, Enhanced: a.Enhanced, Text: a.Text, Stage: stage}
}

var enhancedStatus = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(?:[ \t]+|$)`)

const maxAnswerText = 300

// parseAnswer splits the enhanced status off each line and joins the lines.
// The relay's text goes to logs and staff pages, so control characters leave.
func parseAnswer(code int, msg string) Answer {
	a := Answer{Code: code}
	var lines []string
	for line := range strings.Lines(msg) {
		line = strings.TrimSpace(line)
		if m := enhancedStatus.FindStringSubmatch(line); m != nil {
			a.Enhanced = m[1]
			line = line[len(m[0]):]
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(strings.Join(lines, " "), "?"))
	if runes := []rune(text); len(runes) > maxAnswerText {
		text = string(runes[:maxAnswerText])
	}
	a.Text = text
	return a
}
