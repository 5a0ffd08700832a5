// Package cli is Heed's command line. A command decodes, calls a service
// method, prints; --json prints for scripts. Exit codes: 0 ok, 1 failed, 2
// usage.
package cli
