// Package postgres starts a throwaway PostgreSQL for tests: its own data folder, its
// own free port on loopback, gone at the end.
//
// It uses the binaries of the system (Debian's /usr/lib/postgresql/*/bin, newest
// first, or PATH) and, because PostgreSQL refuses to run as root, Debian's account
// "postgres" when the test does. The server is a child of this process, not a
// daemon, so it is stopped by its id and nothing else is.
//
// Tests take their database from HEED_TEST_POSTGRES; cmd/withpostgres sets it.
package postgres
