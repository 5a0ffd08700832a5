// Package i18n holds every sentence the product says, in each of its
// languages, and the forms of plurals, dates and numbers that go with them.
//
// Sentences lie in locales/<locale>/<area>.yaml as flat keys
// ("inbox.empty.title"). A value is a string with fmt verbs, or a map of plural
// forms chosen by the first argument:
//
//	inbox.count: {one: "%d suggestion", other: "%d suggestions"}
//
// Both locales always hold the same keys with the same verbs; a test keeps it
// so. The package imports nothing of ours: the pages, the mail and the REST API
// all read the same catalog and none of them is known here.
package i18n
