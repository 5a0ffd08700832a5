// Package q8 reads files of the form q8/1, in which Heed keeps trained weights:
// an 8-byte little-endian header length, a JSON header, then data. Offsets in
// the header are bytes from the start of the data, numbers little-endian.
//
// A tensor is text ("utf8"), float32 ("f32") or int8 ("i8"). An int8 value times
// the float32 scale of its row (axis 0) or column (axis 1) is the weight. Users
// choose what to dequantise: matrices stay int8 and share the file's memory.
//
// The file is not trusted. Read checks every bound before anything is copied,
// and what is asked for by name must have the shape asked for; a file cut short
// or made to harm gives an error, never a panic, and no more memory is taken
// than the tensors asked for hold.
package q8
