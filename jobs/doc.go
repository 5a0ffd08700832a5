// Package jobs is work that survives a restart: a leased queue in the database
// and cron ticks that exactly one node takes.
//
// Invariants: a job is a row, unique by kind and key; whoever runs it holds a
// lease, and every update says WHERE id AND lease_owner AND fence, so a worker
// that lost its lease changes nothing. Handlers run at least once and must be
// repeatable. Cron only enqueues.
//
// The package knows nothing of what the jobs do.
package jobs
