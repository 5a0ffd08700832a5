package dedup

// Reading is a text as the search reads it: NFKC, lower case, simplified characters
// and the mainland's words, one kind of apostrophe; where each byte of it stands in
// the source is remembered.
type Reading struct{ f folded }

// Read folds a text for comparing and for showing what was found.
func Read(text string) Reading { return Reading{fold(text, true)} }

// Bytes is the folded text; it is not to be changed.
func (r Reading) Bytes() []byte { return r.f.b }

// Span is where the bytes i to j (i < j) of the folded text stand in the source.
func (r Reading) Span(i, j int) (from, to int) { return r.f.span(i, j) }

// IsUnspaced reports scripts that write words without spaces between them.
func IsUnspaced(r rune) bool { return unspaced(r) }

// IsWord reports characters that Latin words and numbers are made of.
func IsWord(r rune) bool { return wordRune(r) }
