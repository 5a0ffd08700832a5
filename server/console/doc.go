// Package console is the door for the team: the inbox, themes, follow-ups. A
// handler decodes, calls a service and renders; what a person may do is asked
// in the services, once more.
//
// Every action is a form first and works without script. Scripts send the same
// forms and ask for JSON, or for the region of the page that they replace.
package console
