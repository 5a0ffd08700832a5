package notifier

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"time"
)

// send transmits one mail. See Pool.Send for what its errors mean.
func (s *session) send(ctx context.Context, t transmission, beforeDot func(context.Context) error, o Options) (Answer, error) {
	if err := s.supports(t); err != nil {
		return Answer{}, err
	}
	release := s.guard(ctx, o.CommandTimeout)
	err := s.begin(t)
	if err == nil {
		err = s.write(t.body)
	}
	if !release() && ctx.Err() != nil {
		s.broken = true
		err = &ErrUnavailable{Stage: StageContent, Err: ctx.Err()}
	}
	if err != nil {
		return Answer{}, err
	}
	if beforeDot != nil {
		if err := beforeDot(ctx); err != nil {
			// Whatever was written now would be content.
			s.broken = true
			return Answer{}, fmt.Errorf("smtp: stopped before the final dot: %w", err)
		}
	}
	return s.finish(o)
}

// supports compares what the mail needs with what the relay offers.
func (s *session) supports(t transmission) error {
	if t.utf8 {
		if offered, _ := s.client.Extension("SMTPUTF8"); !offered {
			return refusedHere("5.6.7", "the address needs SMTPUTF8, which the relay does not offer")
		}
	}
	if t.eightBit {
		if offered, _ := s.client.Extension("8BITMIME"); !offered {
			return refusedHere("5.6.3", "the message needs 8BITMIME, which the relay does not offer")
		}
	}
	return nil
}

// begin goes as far as the relay's invitation to send the content. A relay that takes
// commands in one go (PIPELINING, RFC 2920) gets them so.
func (s *session) begin(t transmission) error {
	steps := []struct {
		stage  Stage
		expect int
		line   string
	}{{StageMail, 250, "MAIL FROM:" + t.from + s.parameters(t)}, {StageRcpt, 25, "RCPT TO:" + t.to}, {StageData, 354, "DATA"}}
	pipelined, _ := s.client.Extension("PIPELINING")
	text := s.client.Text
	for i, step := range steps {
		_, err := text.W.WriteString(step.line + "\r\n")
		if last := i == len(steps)-1; err == nil && (!pipelined || last) {
			err = text.W.Flush()
		}
		if err == nil && !pipelined {
			_, _, err = text.ReadResponse(step.expect)
		}
		if err != nil {
			if pipelined { // nothing was said of this mail yet
				step.stage = StageMail
			}
			return s.failed(step.stage, err)
		}
	}
	for i := 0; pipelined && i < len(steps); i++ {
		if _, _, err := text.ReadResponse(steps[i].expect); err != nil {
			s.hearOut(len(steps) - 1 - i)
			return s.failed(steps[i].stage, err)
		}
	}
	return nil
}

// hearOut reads the answers to what was sent behind a command that failed. A relay that
// wants the content all the same is left: an empty mail is not what it was to get.
func (s *session) hearOut(answers int) {
	for range answers {
		code, _, err := s.client.Text.ReadResponse(0)
		var reply *textproto.Error
		if code == 354 || err != nil && !errors.As(err, &reply) {
			s.broken = true
			return
		}
	}
}

// parameters of MAIL for what the mail needs and the relay offers.
func (s *session) parameters(t transmission) (out string) {
	if offered, _ := s.client.Extension("8BITMIME"); offered {
		out = " BODY=8BITMIME"
	}
	if t.utf8 {
		out += " SMTPUTF8"
	}
	return out
}

// write sends all of the content, down to the network, but not the dot.
func (s *session) write(body []byte) error {
	w := s.client.Text.W
	if bytes.HasPrefix(body, []byte(".")) {
		_ = w.WriteByte('.')
	}
	if bytes.Contains(body, []byte("\r\n.")) {
		body = bytes.ReplaceAll(body, []byte("\r\n."), []byte("\r\n.."))
	}
	_, err := w.Write(body)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		s.broken = true
		return &ErrUnavailable{Stage: StageContent, Err: err}
	}
	return nil
}

// finish writes the final dot and waits for the answer. It no longer listens
// to any context: stopping here would only leave the mail in doubt.
func (s *session) finish(o Options) (Answer, error) {
	_ = s.tcp.SetDeadline(time.Now().Add(o.FinalTimeout))
	var code int
	var message string
	_, err := s.client.Text.W.WriteString(".\r\n")
	if err == nil {
		err = s.client.Text.W.Flush()
	}
	if err == nil {
		code, message, err = s.client.Text.ReadResponse(2)
	}
	if err == nil {
		return parseAnswer(code, message), nil
	}
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 400 && reply.Code < 600 {
		s.broken = reply.Code == 421
		return Answer{}, refusal(StageDot, reply)
	}
	s.broken = true
	return Answer{}, &ErrInDoubt{Err: err}
}

// failed types an error of the commands and clears the transaction where the
// connection can still be used.
func (s *session) failed(stage Stage, err error) error {
	typed := classify(stage, err)
	var refused *ErrRefused
	if s.broken || !errors.As(typed, &refused) || refused.Code == 421 {
		s.broken = true
		return typed
	}
	if err := s.client.Reset(); err != nil {
		s.broken = true
	}
	return typed
}
