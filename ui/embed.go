package ui

import "embed"

//go:embed all:dist
var dist embed.FS

//go:embed templates/*.html
var templates embed.FS
