package notifier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Pool sends mail over a few connections to one relay and keeps them open
// between mails. It is safe for concurrent use. Mail that must not wait behind
// a mailing gets a Pool of its own.
type Pool struct {
	options Options
	relay   relay
	slots   chan struct{}

	mu     sync.Mutex
	idle   []*session
	closed bool
}

// NewPool checks the options; it connects when the first mail is sent.
func NewPool(o Options) (*Pool, error) {
	r, err := parseRelay(o.URL)
	if err != nil {
		return nil, fmt.Errorf("smtp url: %w", err)
	}
	o = o.withDefaults()
	return &Pool{options: o, relay: r, slots: make(chan struct{}, o.Connections)}, nil
}

// Send hands one mail to the relay and returns its answer. It waits while all
// connections are in use.
//
// beforeDot (may be nil) is called once, after all of the content has been
// written and right before the final dot; when it fails the connection is
// dropped, nothing was sent, and its error is returned wrapped. After it, ctx
// is no longer listened to.
//
// Errors: *ErrRefused (not accepted, certain), *ErrUnavailable (nothing sent,
// the relay is the reason; also a ctx that ended), *ErrInDoubt (the final dot
// was begun and no answer came).
//
// A connection that turns out dead before the content is replaced once by a
// fresh one.
func (p *Pool) Send(ctx context.Context, env Envelope, body []byte, beforeDot func(context.Context) error) (Answer, error) {
	t, err := prepare(env, body)
	if err != nil {
		return Answer{}, err
	}
	if err := ctx.Err(); err != nil {
		return Answer{}, &ErrUnavailable{Stage: StageConnect, Err: err}
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return Answer{}, &ErrUnavailable{Stage: StageConnect, Err: ctx.Err()}
	}
	s, err := p.reuse()
	if err != nil {
		return Answer{}, err
	}
	if s != nil {
		answer, err := p.use(ctx, s, t, beforeDot)
		if !isStale(err) || ctx.Err() != nil {
			return answer, err
		}
	}
	if s, err = open(ctx, p.relay, p.options); err != nil {
		return Answer{}, err
	}
	return p.use(ctx, s, t, beforeDot)
}

// use sends over a connection, then keeps or drops it.
func (p *Pool) use(ctx context.Context, s *session, t transmission, beforeDot func(context.Context) error) (Answer, error) {
	// A panic in beforeDot must not hand a half-written message on.
	kept := false
	defer func() {
		if !kept {
			_ = s.tcp.Close()
		}
	}()
	answer, err := s.send(ctx, t, beforeDot, p.options)
	kept = !s.broken && p.keep(s)
	return answer, err
}

// isStale reports whether the relay had given up the connection before this
// mail: nothing of it was taken, and its address is not to blame.
func isStale(err error) bool {
	var unavailable *ErrUnavailable
	if errors.As(err, &unavailable) {
		return unavailable.Stage != StageContent
	}
	var refused *ErrRefused
	return errors.As(err, &refused) && refused.Code == 421 && refused.Stage != StageDot
}

// reuse takes the connection that was used last, nil when there is none.
func (p *Pool) reuse() (*session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, &ErrUnavailable{Stage: StageConnect, Err: errClosed}
	}
	if len(p.idle) == 0 {
		return nil, nil
	}
	s := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	s.idle.Stop()
	return s, nil
}

// keep puts a connection back until its idle time is over. It reports false
// when the pool is closed and the caller must close it.
func (p *Pool) keep(s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.idle = append(p.idle, s)
	if s.idle == nil {
		s.idle = p.expiry(s)
	} else {
		s.idle.Reset(p.options.IdleTimeout)
	}
	return true
}

// expiry closes the connection when it has been idle for long enough. A timer
// that fires just as the connection is taken finds it gone from the list.
func (p *Pool) expiry(s *session) *time.Timer {
	return time.AfterFunc(p.options.IdleTimeout, func() {
		p.mu.Lock()
		at := slices.Index(p.idle, s)
		if at >= 0 {
			p.idle = slices.Delete(p.idle, at, at+1)
		}
		p.mu.Unlock()
		if at >= 0 {
			s.quit()
		}
	})
}

// Close refuses further mail and closes idle connections. Mail on its way is
// finished by its own Send; wait for those before exiting.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, s := range idle {
		s.idle.Stop()
		s.quit()
	}
}
