// Package webhooks tells endpoints outside what happens in Heed: programs by the
// Standard Webhooks scheme, chats (Slack, 飞书, 企业微信, 钉钉) in their own words.
//
// It reads activities by cursor, writes one message for each endpoint that wants one
// in the cursor's transaction, and sends it until it is taken. The sources that
// suggestions came from are told of what became of them, chunk by chunk (outcomes);
// people who are known by a handle on a channel are told through its endpoint.
//
// Invariants:
//   - a message is a row before it is sent, is told to an endpoint once for each
//     cause, and has one webhook-id, whatever is tried or replayed; it changes hands
//     only by lease and fence, so an endpoint gets it at least once;
//   - an endpoint that stalls or fails delays no other, and no mail;
//   - nothing leaves of what a person wrote, of who they are, and of confidential
//     suggestions but ids, except what a channel's own endpoint is to say to the
//     person on it;
//   - secrets and URLs are sealed in the store and never read out again;
//   - an endpoint is switched off only after days without one success, or when it
//     says that it is gone, and the team hears of it.
//
// The package must not know of mail, of HTTP handlers, of triage or of GitHub.
package webhooks
