// Package ui turns plain view structs into pages: html/template, the embedded
// scripts, styles and icons, and their addresses.
//
// It knows no domain type. Handlers convert what services return into the
// structs of views_*.go (strings, numbers, times already in the reader's time
// zone) and name a page; everything said comes from i18n. Text of people is
// only ever escaped text here; pages carry no inline script or style, so that
// ContentSecurityPolicy can forbid both.
//
// The bundle lies in dist/ and is made by `make assets`. Without it every page
// still renders and works as plain forms, and says in one line how to make it.
package ui
