// Package redact finds what should never have been sent — seed phrases, private
// keys, tokens, passwords — masks it, and says which rule matched and where.
//
// It runs before anything is stored, indexed, logged, mailed, published or shown
// to a model, so it is pure: text in, text and findings out. It must not know
// suggestions, people, storage or settings, and it imports nothing of ours.
//
// # How it works
//
// The text is folded once into a view for matching (full width to half width,
// NFKC per character, invisible characters dropped, ASCII lower case beside it),
// and every byte of the view remembers the place it came from, so findings carry
// offsets into the original text. A table of rules runs over the view. A rule is
// a name, literals of which one must be present (a cheap prefilter), and a finder
// that looks for the pattern and validates what it found. A new rule is a new row.
//
// Overlapping hits become one finding covering them all. What was found turns
// into a barrier no rule may look across, and the rules run again until they find
// nothing; the masked text reads as exactly that last view, which is why masking
// masked text finds nothing.
//
// Warn finds what only looks like a phrase, with a slip in it; it is told and never
// masked. Chips finds what is no secret and yet stays with the team: addresses,
// transaction ids, amounts; WithoutChips and Outgoing are what leaves the house.
// Rules lists the table for readers.
//
// # Seed phrases
//
// A checksum alone is weak evidence: one run of twelve words in sixteen passes by
// accident, and almost every Chinese sentence is made of list characters only. So
// a window of list words needs a valid checksum and must not read like prose. The
// prose score adds, for each distinct word, how much more common it is in prose
// than in a random draw (for Chinese by rank: the list is ordered by frequency)
// and a bonus for each pair of neighbours that is an ordinary Chinese word. The
// ceiling on the score depends on how well the window is delimited: a whole run,
// or one set off by punctuation, a line break or the number 1, may look more like
// prose than a window cut from the middle. Words that are each numbered, or set
// apart by commas or lines, or Chinese characters with something between every
// two, are never prose and need the checksum only. All accepted windows that
// overlap are masked together, so no part of the phrase remains; well delimited
// windows outrank the others.
//
// What that costs, measured with all rules: of 92,000 English and 94,000 Chinese
// questions and reports 0 and 4 were masked (the ceilings were set, and some pairs
// added, on sight of a part of these texts, so expect a little more elsewhere). Of 20,000 random phrases of twelve words standing
// alone 2 English and 5 Chinese ones read so much like prose that they stayed; of
// those glued into other list words with no mark on either side 0.5 % and 0.8 %;
// of longer phrases a tenth of that or less.
//
// Four finders read what does not follow word on word. Numbered (numbered.go): the word
// right behind each number from 1 on, whatever is said beside it and in whatever order they
// come. Framed (frames.go): each word stands in the same frame, made of what the text says
// at least eleven times and of counting in any way; no prose is written so. Parted
// (parts.go): parts of one size, each between marks, with labels between, and tables read
// by columns. Unspaced: letters that are list words from end to end. findAlike reads other
// alphabets as English, and findEscaped \n and %2C as what they stand for, before all of
// these. In 25 MB of documentation, HTML and logs of programs (539,000 lines) 5 stretches
// were masked, 3 of them before there were these finders. Not found: lists mixed in one
// phrase, SLIP-39, words each in another sentence, spelt letter by letter, or misread.
//
// # Invariants
//
//   - Findings are ordered, do not overlap and lie within the original text.
//   - Masked text has no finding.
//   - The mask carries no part of the secret: ‹seed_phrase ···›.
//   - Any bytes are accepted; time grows about linearly with length.
package redact
