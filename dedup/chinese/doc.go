// Package chinese makes Chinese text comparable with English text without a
// translator: a dictionary (CC-CEDICT cut down) that simplifies, cuts into words
// and glosses, and a student, a bag of characters, pairs and words whose vectors
// were trained to land where the English encoder puts the translation.
//
// Dictionary and Student never change after loading and are safe for concurrent
// use. Any bytes are accepted; of one text the first MaxRunes characters are
// read (Simplify alone takes a text whole), so no text costs more than a few
// hundred microseconds. The same text always gives the same vector: sums run in
// a fixed order.
//
// It must not know the encoder, nor where its files come from.
package chinese
