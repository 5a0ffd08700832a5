// Package dedup finds the themes a short text may belong to, in English and
// Chinese, without any provider: text → features → candidates → a calibrated
// score with reasons. It is pure: it must not know storage, suggestions, people,
// settings or HTTP. Vectors are made by package meaning and handed in.
//
// # How a match is made
//
//  1. The text is folded (NFKC, lower case, simplified characters, the mainland's words, addresses and ids cut
//     out) and cut into words; scripts that write no spaces are cut into characters.
//  2. Candidates come from two sides. An inverted index: BM25 over stems and over
//     Han characters and pairs of characters, rarest terms first within a budget
//     of postings; a word the index does not know is also looked up under the
//     known words that differ from it by a typo; a Chinese word also under the
//     English words it may mean. And a scan over the signs of every text's vector.
//  3. Each candidate is scored by s = J + C/2 + 1.5 U: J the Jaccard overlap of the
//     two texts' character n-grams, C the cosine of their TF-IDF weights, U the
//     cosine of their vectors (for long bodies C and U/2 alone; across languages C is
//     the cosine of English terms, a Chinese text's by the dictionary). What people
//     decided corrects s (package learn). Only word numbers and coarse vectors are
//     kept; the n-grams are made again when they are needed.
//  4. The decision is by theme, not by nearest item: the twenty nearest vote
//     with exp((s − s_best)/0.12), and a logistic function of a few features of
//     the vote, and of how near the middle of the theme's items is, is the
//     probability that the text belongs to the theme. What joined unasked speaks
//     for a proposal, never for the next that would join; what a person said does
//     not belong to a theme keeps its near copies out; what names nothing speaks
//     for no theme (Says).
//  5. Reasons are the words both share, as the query wrote them; differences
//     that make a wrong merge likely (negation, number, platform, version) are
//     flagged and never change the score.
//
// A wrong merge is worse than a missed one: it hides a person's words. Whoever
// attaches without asking must see Mismatch empty.
//
// Whoever keeps the index puts a text in once for each theme it stands in: copies
// would take the places of the nearest, and with them the vote.
//
// # Invariants
//
//   - Any bytes are accepted. What is read of one text is bounded, so is what one
//     match may touch; no text can stall a match or crash it.
//   - An item of a theme that the query may not see neither appears nor takes a
//     place among the candidates, nor votes. How rare a word is counts all items.
//   - Put, Remove, SetTheme, SetPublic and Retheme are seen by every Match that
//     starts after they return.
package dedup
