// Package api is the REST door: it decodes, calls a service method, encodes.
// The shapes are CONTRACT's: snake_case JSON, RFC 3339 UTC times, problem+json
// errors, opaque cursors, Idempotency-Key on every POST.
package api
