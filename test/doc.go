// Package test holds what needs the whole of Heed: the real peers our tests run
// against, and the tests that drive the built binary.
//
//   - githubstand: a GitHub that nobody here wrote, behind our fault proxy
//   - smtpsink: a mail server that writes down what it took before it says so
//   - postgres: a throwaway PostgreSQL, and a command that runs another with one
//   - process: the built binary as a child, to be killed and started again
//   - peer: what these share
//   - e2e: the tests that use them all; browser: what they do in a browser
//
// Everything listens on 127.0.0.1 only. A peer that is not installed makes its
// tests skip aloud, or fail when HEED_TEST_REQUIRE names it.
package test
