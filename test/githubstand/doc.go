// Package githubstand is the GitHub that our tests talk to: vercel-labs/emulate, a
// stand-in nobody here wrote, run as a child process behind a fault proxy of ours.
//
// The proxy adds what emulate lacks: ETags and 304, whole-second times, 401 for
// unknown tokens, length limits, primary and secondary rate limits, gone, moved and
// transferred issues, duplicates, outsiders, comments of a whole repository, webhooks
// with their own secrets and the redelivery API, Apps by manifest, an installation's repositories. It also breaks things on request: lost, cut, late
// and refused answers; lost, doubled, late, reordered and forged deliveries.
//
// The product under test uses Stand.BaseURL and BotToken. What a person does on
// GitHub goes through the verbs (CloseIssue, Comment, …), which bypass the faults,
// the limits and the request log: those belong to the product alone.
//
// Every request of the product is judged by GitHub's own description of its API, at
// the end of the test, and so are the answers of the stand itself: see conform_test.go.
//
// Invariants: loopback only; a write that reached emulate is never undone by a
// fault; the log is complete before an answer leaves. It must not know Heed.
//
// Install once with: npm ci --ignore-scripts --prefix test/githubstand
package githubstand
