// Package web is what every door over HTTP shares: who asks, in which
// language, and how an error becomes an answer.
package web
