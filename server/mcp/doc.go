// Package mcp is the door for AI agents: the tools of the Model Context Protocol
// at /mcp (streamable HTTP, without sessions, so that any node answers), and the
// relay behind `heed mcp`, which offers the same tools over stdio.
//
// Each tool calls the service method that REST calls. Invariants: no tool
// announces, publishes or sends; what an agent says about sameness, a status or a
// text to send is a proposal that a person decides. Every write takes an
// idempotency key. Text that users wrote leaves here as data: in fields called
// user_text, and in the text form of an answer between two fences that carry a
// random mark (fence.go). It must not know HTML, mail or GitHub.
package mcp
