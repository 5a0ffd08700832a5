// Package encoder turns English text into vectors whose cosine says how near two
// texts are in meaning: Universal Sentence Encoder Lite (two transformer layers,
// 8,000 pieces, 512 values), fine-tuned and rounded to int8. No cgo, no provider.
//
// # How a vector is made
//
//  1. White space is collapsed and the text cut into the likeliest pieces of the
//     vocabulary (pieces.go). At most 128 pieces are used, and only as much text
//     is read as these can hold, so no text costs more than a 128-piece one.
//  2. Two transformer layers (forward.go). Before each matrix the activations of
//     a piece are rounded to at most 16 bits, so that the products with the int8
//     weights are sums of whole numbers, exact in any order.
//  3. Mean over the pieces, a last matrix, tanh, length 1.
//
// # Invariants
//
//   - The same text gives the same vector on every run and with every kernel, bit
//     for bit: whole numbers add up alike in any order, and what stays
//     floating-point is added in one order, eight lanes at a time, everywhere. A
//     node without AVX2 may share its vectors with one that has it.
//   - Weights stay int8 in memory: 4.6 MB turned round for the kernels; embeddings
//     are read where the file lies.
//   - An Encoder does not change after Load and is safe for concurrent use.
//
// NFKC and lower case are left to the caller; the vocabulary knows capitals.
// The package must not know where its files come from.
package encoder
