// Package assets holds the trained weights and the dictionary that the built-in
// encoder runs on, about 13 MB, so that a plain go build has full quality. What
// they are and what their licences ask is told in ATTRIBUTION.md: the
// Chinese files are CC BY-SA 4.0 and stay separate files.
//
// It knows nothing of the formats; package q8, encoder and chinese read them.
// The bytes are part of the program's image and must not be changed.
package assets

import _ "embed" // for the directives below

// Embedding needs variables; nothing ever assigns them.
var (
	//go:embed encoder.q8
	encoder []byte
	//go:embed encoder.vocab.json
	pieces []byte
	//go:embed student.q8
	student []byte
	//go:embed cedict.tsv.gz
	cedict []byte
	//go:embed simplified.u16
	simplified string
	//go:embed ATTRIBUTION.md
	attribution string
	//go:embed CC-BY-SA-4.0.txt
	ccBySA string
)

// Encoder returns the weights of Universal Sentence Encoder Lite, q8/1.
func Encoder() []byte { return encoder }

// Pieces returns the encoder's vocabulary, a JSON list of [piece, score].
func Pieces() []byte { return pieces }

// Student returns the weights of the Chinese student, q8/1.
func Student() []byte { return student }

// Dictionary returns CC-CEDICT cut down, gzipped lines of word TAB senses.
func Dictionary() []byte { return cedict }

// Simplified returns, for each character from U+3400 to U+9FFF, its simplified form
// as two bytes, little-endian, or 0 for one that is none's traditional form:
// CC-CEDICT's pairs, without those whose traditional form is a simplified character
// too (么, 份, 宁, 沈 and six more), and with chains followed to their end.
func Simplified() string { return simplified }

// Attribution returns the notices that go with all of these, Markdown. Whoever
// passes the program on owes them to its users.
func Attribution() string { return attribution }

// ShareAlike returns the legal text of CC BY-SA 4.0, under which Student and
// Dictionary are given.
func ShareAlike() string { return ccBySA }
