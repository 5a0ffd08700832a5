// Package models holds what Heed stores and how it stays consistent: the rows,
// the enums, the ids, the clock, the error vocabulary, Open and Write.
//
// Invariants:
//   - There is one way to write: DB.Write. Nested calls join the running
//     transaction through the context. No mail and no HTTP happens inside it.
//   - Every change that another part must learn of is an Activity, recorded in
//     the same transaction; its Seq is the commit order.
//   - Times are UTC, whole milliseconds. Ids are UUIDv7 with a prefix, so that
//     they sort by creation.
//   - The schema is migrations/*.sql and nothing else; a test compares it with
//     the structs.
//
// The package imports nothing of ours, and knows neither HTTP nor mail.
package models
