//go:build unix

// Command withpostgres runs another command with a throwaway PostgreSQL:
//
//	go run ./test/postgres/cmd/withpostgres -- go test ./...
//
// HEED_TEST_POSTGRES names an empty database on it. The exit code is the command's.
// Where no PostgreSQL is installed it says so on stderr and runs the command without
// the variable, unless HEED_TEST_REQUIRE names "postgres": then it fails.
package main
