package web

import (
	"context"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
)

type key int

const (
	actorKey key = iota
	localeKey
	requestIDKey
)

// WithActor says who asks.
func WithActor(ctx context.Context, a auth.Actor) context.Context {
	return context.WithValue(ctx, actorKey, a)
}

// Actor is who asks, with the locale of the request; Anonymous when nobody
// said.
func Actor(ctx context.Context) auth.Actor {
	a, ok := ctx.Value(actorKey).(auth.Actor)
	if !ok {
		a = auth.Anonymous()
	}
	a.Locale = string(Locale(ctx))
	return a
}

// OwnLocale is the language the actor chose for themselves, "" when they did
// not.
func OwnLocale(ctx context.Context) string {
	a, _ := ctx.Value(actorKey).(auth.Actor)
	return a.Locale
}

// WithLocale says in which language to answer.
func WithLocale(ctx context.Context, l i18n.Locale) context.Context {
	return context.WithValue(ctx, localeKey, l)
}

// Locale is the language to answer in, English when nobody said.
func Locale(ctx context.Context) i18n.Locale {
	if l, ok := ctx.Value(localeKey).(i18n.Locale); ok {
		return l
	}
	return i18n.EN
}

// WithRequestID names the request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey, id)
}

// RequestID is the request's name in logs and error answers.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}
