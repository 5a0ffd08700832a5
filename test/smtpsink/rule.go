package smtpsink

import (
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// Action is what a rule does to a mail.
type Action string

// The actions, in the order in which a dialogue reaches them.
const (
	Reject      Action = "reject"        // RCPT TO is answered with Rule.Code; not on record
	CutAtData   Action = "cut_at_data"   // hangs up once DATA has begun; not on record
	CutAtDot    Action = "cut_at_dot"    // takes the final dot, hangs up; not on record
	RefuseData  Action = "refuse_data"   // answers the final dot with Rule.Code; not on record
	CutAfterDot Action = "cut_after_dot" // puts it on record, hangs up before the 250
)

// Rule is a scripted misfortune. The first rule that fits is used.
type Rule struct {
	Action Action
	To     string // recipient, letter case aside; "" means everybody
	Code   int    // for Reject and RefuseData: 450, 451, 550, … ; 0 means 451
	Text   string // what is said with the code; "" says "as the test wishes"
	Count  int    // how many times; 0 means one, below 0 always
}

// Add puts a rule after those already there.
func (s *Sink) Add(r Rule) {
	if r.Count == 0 {
		r.Count = 1
	}
	if r.Code == 0 {
		r.Code = 451
	}
	if r.Text == "" {
		r.Text = "as the test wishes"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &r)
}

// RejectAlways answers every RCPT TO of the address with the code.
func (s *Sink) RejectAlways(address string, code int) {
	s.Add(Rule{Action: Reject, To: address, Code: code, Count: -1})
}

// ClearRules forgets all rules and the stall.
func (s *Sink) ClearRules() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules, s.stall = nil, 0
}

// Stall makes each mail wait so long between its final dot and its 250 (it is on
// record before the wait); 0 ends it.
func (s *Sink) Stall(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stall = d
}

// take gives the first rule for any of the recipients, counted down; nil for none.
func (s *Sink) take(to []string, actions ...Action) *Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if r.Count == 0 || !r.fits(to) || !r.is(actions) {
			continue
		}
		if r.Count > 0 {
			r.Count--
		}
		return r
	}
	return nil
}

func (r *Rule) fits(to []string) bool {
	if r.To == "" {
		return true
	}
	for _, address := range to {
		if strings.EqualFold(address, r.To) {
			return true
		}
	}
	return false
}

func (r *Rule) is(actions []Action) bool {
	for _, a := range actions {
		if r.Action == a {
			return true
		}
	}
	return false
}

func (r *Rule) answer() error {
	return &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.EnhancedCode{r.Code / 100, 0, 0}, Message: r.Text}
}
