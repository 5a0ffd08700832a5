// Package app puts Heed together: App{New, Start, Close} is the only place that
// knows every part, and tests boot it on port 0. What needs themes and notifier
// together, a status with who will hear of it, is composed here.
package app
