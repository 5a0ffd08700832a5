// Package meaning turns short texts into vectors whose cosine says how near two
// texts are in meaning, across English and Chinese.
//
// Reader is built in and needs nothing: English, and what else is written in Latin letters, goes
// through the sentence encoder; Chinese is the student's vector plus three
// quarters of the encoder's vector of the text's English glosses, which lie in
// the same space (right first among the sentences of the other language: tatoeba
// .90 and .91, xquad .74 and .72, against .83 and .53 for the student alone).
// Endpoint asks a server that speaks OpenAI's /v1/embeddings instead.
//
// # Invariants
//
//   - A vector has length 1 and a length in numbers that is a multiple of 64, the
//     same for all texts of one Model. Vectors of two models do not compare.
//   - A text that says nothing (empty, emoji, addresses only) has no vector: nil.
//     Nor has one whose script the built-in model does not know: all such texts
//     are alike to it.
//   - Of a text only its beginning is read, so no text costs much more than
//     another.
//   - Reader gives the same vector for the same text, on every run and machine.
//
// The package must not know storage, suggestions or settings.
package meaning
